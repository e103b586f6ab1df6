/** Mail that came back waits for whoever keeps partners, on a real database. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { newId } from "../../../test/database.ts"
import { type Program, type TestPartner, newPartner, program } from "../../../test/program.ts"
import { dayMs } from "../../lib/instant.ts"
import { failingDays, noteBounce, noteProof, noteReturn } from "../../trust/partners/actions/mailbox.ts"
import type { Act } from "../../trust/audit/actions.ts"
import type { Fate } from "../../trust/mailing/returned.ts"
import { everythingWaiting } from "./actions/gathering.ts"

let its: Program
let partner: TestPartner
beforeAll(async () => {
    its = await program()
})
afterAll(() => its.database.close())
beforeEach(async () => {
    partner = await newPartner(its, "validate")
})

const acting = <T>(work: (act: Act) => Promise<T>) => its.acting(its.manager, work)
const comesBack = (fate: Fate) =>
    acting((act) => noteReturn(act, { mail: newId(), fate, partner: partner.id, person: null }))
const waiting = async () =>
    (await acting(everythingWaiting)).filter((one) => one.kind === "mailbox" && one.partner === partner.id)

test("what failed waits once, from the first of it on, and what is delayed does not", async () => {
    await comesBack("delayed")
    expect(await waiting()).toEqual([])
    const since = its.clock.now
    for (let n = 0; n < 3; n++) {
        await comesBack("failed")
        expect(await waiting()).toMatchObject([{ about: partner.id, since, until: null, onlyFor: null }])
        its.clock.now += dayMs
    }
})

test.each([
    ["the mailbox is proved to be read", (act: Act) => noteProof(act, partner.id)],
    ["a person notes that mail came back", (act: Act) => noteBounce(act, partner.id, null)],
])("until %s; what comes back after that waits anew", async (_, ends) => {
    await comesBack("failed")
    its.clock.now += 1000
    await acting(ends)
    expect(await waiting()).toEqual([])
    const since = (its.clock.now += 1000)
    await comesBack("failed")
    expect(await waiting()).toMatchObject([{ since }])
})

test("for a fortnight after the last of it", async () => {
    await comesBack("failed")
    its.clock.now += failingDays * dayMs - 1
    expect(await waiting()).toHaveLength(1)
    its.clock.now += 1
    expect(await waiting()).toEqual([])
})
