/**
 * Takes in what the listeners have written down: which names are ours, what each touch is, how often it came. Names of nobody
 * are counted by the day. The first touch of a name at a grade is an event; what comes after it is counted in its row.
 */
import { createHmac } from "node:crypto"
import { formatInstant } from "../../../lib/instant.ts"
import { sourceNetworkOf } from "../../../lib/network.ts"
import type { Doors } from "../../../platform/doors.ts"
import { seal } from "../../../platform/vault.ts"
import type { Chore } from "../../../platform/worker.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import type { Entry } from "../ear.ts"
import * as store from "../store.ts"
import { graded, heardIn } from "../touch.ts"

/** At a time. */
const takenMax = 200
/** Rows of one name. What comes after is counted in one row a grade, of no network. */
const rowsMax = 200
const scope = "canaries"

/** What a listener writes down, through a door that takes nothing else. */
export async function spool(doors: Pick<Doors, "db">, entries: readonly Entry[]): Promise<void> {
    if (entries.length > 0) await doors.db.transaction((tx) => store.spool(tx, entries))
}

export const hearing: Chore = {
    name: "hearing",
    waiting: store.spoolWaiting,
    run: (doors) =>
        doors.db.transaction(async (tx) => {
            const now = await doors.clock.now(tx)
            return await takeIn({ tx, now, doors, actor: { kind: "system", step: "hear" } })
        }),
}

/** Whether there may be more. */
export async function takeIn(act: Act): Promise<boolean> {
    const heard = await store.takeSpooled(act.tx, takenMax)
    const names = await store.namesAmong(
        act.tx,
        heard.flatMap(({ digest }) => digest ?? []),
    )
    const known = new Map(names.map((one) => [one.digest.toString("hex"), one]))
    for (const one of heard) {
        const name = one.digest === null ? undefined : known.get(one.digest.toString("hex"))
        if (name !== undefined) await takeTouch(act, one, name)
    }
    await countUnknown(
        act,
        heard.filter(({ digest }) => digest === null || !known.has(digest.toString("hex"))),
    )
    return heard.length === takenMax
}

/** By day, always in the same order: two workers that count at once wait for each other, and no longer. */
async function countUnknown(act: Act, all: readonly store.SpoolRow[]): Promise<void> {
    const groups = Map.groupBy(all, (one) => {
        const day = formatInstant(instantOf(act, one)).slice(0, 10)
        return `${day} ${one.channel} ${one.digest !== null}`
    })
    for (const [, [first, ...more]] of [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
        if (first === undefined) continue
        const times = [first, ...more].reduce((sum, one) => sum + one.times, 0)
        const formed = first.digest !== null
        await store.addUnknown(act.tx, { channel: first.channel, formed, times }, instantOf(act, first))
    }
}

async function takeTouch(act: Act, one: store.SpoolRow, name: store.NameRow): Promise<void> {
    const { channel, times } = one
    const heard = heardIn(one.heard)
    const { grade, reasons } = graded(channel, heard)
    const id = act.doors.newId()
    const isCrowded = (await store.touchesOf(act.tx, name.digest)) >= rowsMax
    const told = JSON.stringify({ ...heard, source: isCrowded ? "" : heard.source, reasons })
    const at = instantOf(act, one)
    const touch = await store.putTouch(act.tx, {
        ...{ id, digest: name.digest, channel, grade, times, first_at: at, last_at: at },
        source: isCrowded ? Buffer.alloc(0) : sourceOf(act, heard.source),
        box: await seal(act.tx, act.doors.keys, scope, placeOf(id), told),
    })
    if (!touch.isFirst) return
    const { case_id: of, artifact, version, decoy } = name
    const about = { touch: touch.id, case: of, artifact, version, channel, grade, decoy }
    await record(act, { kind: "canary.touched", ...about, name: name.digest.toString("hex") }, true)
}

export const placeOf = (touch: string): string => `canary_touches.box:${touch}`

/** Under a key, so that two touches from one network are told as that, and the table does not tell from which. */
function sourceOf(act: Act, address: string): Buffer {
    const key = act.doors.keys.derive("canary sources", 32)
    return createHmac("sha256", key).update(sourceNetworkOf(address)).digest().subarray(0, 16)
}

/** The program's time of then: how long it lies back is told by real time, of which the listener's clock is one. */
function instantOf({ now, doors }: Act, { received_at: at }: store.SpoolRow): number {
    return now - Math.max(0, doors.realNow() - at)
}
