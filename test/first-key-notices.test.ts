/** A lead's session alone adds a first key after the admission, so the partner's people get a mail. */
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { afterAll, beforeAll, expect, test } from "vitest"
import { eventHandlers } from "../server/src/event-handlers.ts"
import { handleNextEvent } from "../server/src/kernel/worker.ts"
import { addPartner } from "../server/src/trust/partners/actions/change-partner.ts"
import { addKey } from "../server/src/trust/partners/keys/actions/manage-keys.ts"
import { createPartnerMember } from "./support/actors.ts"
import { type Program, createProgram, newPartner } from "./support/program.ts"

let setup: Program
beforeAll(async () => {
    setup = await createProgram()
})
afterAll(() => setup.database.close())

/** The people of a partner for whom a mail waits. */
async function notified(partner: string): Promise<string[]> {
    while (await handleNextEvent(setup.services, eventHandlers)) continue
    const rows = await setup.database.db.transaction((tx) =>
        tx.query<{ person: string }>("select person_id as person from notices where partner_id = $1", [partner]),
    )
    return rows.map(({ person }) => person).toSorted()
}

test("D-09 a first key that is added after the admission is told to all people of the partner", async () => {
    const { acting, manager } = setup
    const details = { name: "Late", mail: "psirt@late.example", tier: "entry", status: "active" } as const
    const id = await acting(manager, (ctx) => addPartner(ctx, details))
    const lead = await createPartnerMember(acting, id, ["lead"])
    const analyst = await createPartnerMember(acting, id, ["analyst"])
    expect(await notified(id)).toEqual([])
    const recipient = await identityToRecipient(await generateX25519Identity())
    await acting(lead, (ctx) => addKey(ctx, recipient))
    expect(await notified(id)).toEqual([lead.person, analyst.person].toSorted())
})

test("a first key from before the admission is not told: two staff members signed it", async () => {
    const { id } = await newPartner(setup, "entry")
    expect(await notified(id)).toEqual([])
})
