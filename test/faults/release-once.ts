/**
 * A worker's process that looks once for due releases and is killed: before the n-th statement, or right after the
 * commit. Arguments: the database's URL, and n or `committed`.
 */
import { type Db, type Tx, openDb } from "../../server/src/platform/postgres/db.ts"
import { demoClock } from "../../server/src/platform/time/clock.ts"
import { silentLog } from "../../server/src/platform/log/log.ts"
import { keysFrom } from "../../server/src/platform/crypto/keys.ts"
import { noMail } from "../../server/src/platform/mail/mail.ts"
import { machineSources } from "../../server/src/platform/time/clock-sources.ts"
import { releaseWavesJob } from "../../server/src/share/release/actions/release-wave.ts"
import { buildServices } from "../../server/src/commands/services.ts"

const [url = "", when = ""] = process.argv.slice(2)
const database = openDb(url)
let statement = 0

const die = () => process.kill(process.pid, "SIGKILL")

const watched = (tx: Tx): Tx => ({
    ...tx,
    query: async (sql, values) => {
        statement += 1
        if (statement === Number(when)) die()
        return await tx.query(sql, values)
    },
})

const db: Db = {
    close: () => database.close(),
    statement: (sql, values) => database.statement(sql, values),
    transaction: async (work) => {
        const result = await database.transaction((tx) => work(watched(tx)))
        if (when === "committed") await dieOnceReleased()
        return result
    },
}

async function dieOnceReleased(): Promise<void> {
    const released = "select 1 from events where kind = 'wave.released'"
    if ((await database.transaction((tx) => tx.query(released))).length > 0) die()
}

const keys = keysFrom(Buffer.alloc(32, 7))
const sources = machineSources("one_clock")
const parts = { keys, clockSources: sources, clock: demoClock, mail: noMail, log: silentLog, receiptsIntervalMs: 0 }
await releaseWavesJob.run(buildServices(db, parts))
await db.close()
