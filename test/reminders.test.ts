/** Requirements from their due date to the mailbox and back, with real events, handlers and jobs. */
import { beforeAll, expect, test } from "vitest"
import {
    sendNoticesJob,
    noticeSubject,
    noticeText,
} from "../server/src/share/delivery/notices/actions/create-notices.ts"
import { listEvents } from "./support/actors.ts"
import { signedInAs } from "./support/signed-in.ts"
import { type Demonstration, copyDemonstration, listPendingEvents, seedMaster } from "./support/demonstration.ts"

let world: Demonstration
beforeAll(async () => {
    const master = await seedMaster()
    world = await copyDemonstration(master)
    return async () => {
        await world.close()
        await master.close()
    }
})

const kindsOf = async (kind: string) => (await listEvents(world.database)).filter((item) => item.kind === kind)

test("a partner with a due requirement gets the same notice as for a wave, and no other partner does", async () => {
    const fernwood = signedInAs(world, "fernwood")
    const ingrid = signedInAs(world, "ingrid")
    await world.work()
    // One partner starts with an expired agreement, and is notified.
    expect((await kindsOf("requirement.reminded")).map(({ body }) => body["due"])).toEqual(["agreement"])
    const before = world.mails.length
    await ingrid.post(`/api/partners/${fernwood.partner}/bounces`, { person: null })
    const { kinds, ...others } = (await ingrid.get("/api/program-rules")).requirements.rules
    const rules = { ...others, kinds: { ...kinds, mailbox: { graceDays: 30, remindDays: [30, 3] } } }
    await ingrid.put("/api/program-rules/requirements", { rules })
    await world.services.db.transaction((tx) => tx.query("delete from partner_last_run"))
    await world.work()
    const people = world.seeded.partners.find(({ id }) => id === fernwood.partner)?.cast.people ?? []
    expect(
        world.mails
            .slice(before)
            .map(({ to }) => to)
            .toSorted(),
    ).toEqual(people.map(({ mail }) => mail).toSorted())
    expect(new Set(world.mails.map(({ subject, text }) => subject + text))).toEqual(
        new Set([noticeSubject + noticeText]),
    )
    expect((await kindsOf("requirement.reminded")).slice(1).map(({ body }) => body)).toMatchObject([
        { partner: fernwood.partner, due: "mailbox", reminder: "30 days before" },
    ])
    expect(await listPendingEvents(world)).toEqual([])
})

test.each([
    {
        case: "is noted sealed where what was mailed is, and nothing is owed: nobody learns who was asked a question",
        sealed: true,
        kinds: ["notice.failed"],
        due: "met",
    },
    {
        case: "is noted, and a proof is owed",
        sealed: false,
        kinds: ["notice.failed", "mailbox.bounced"],
        due: "due",
    },
])("what a mail server refuses permanently $case", async ({ sealed, kinds, due }) => {
    const kestrel = signedInAs(world, "kestrel")
    const refused = Object.assign(new Error("no such person"), {
        code: "EENVELOPE",
        command: "RCPT TO",
        responseCode: 550,
    })
    const services = { ...world.services, mail: { send: async () => await Promise.reject(refused) } }
    await world.services.db.transaction((tx) =>
        tx.query(
            `insert into notices (id, partner_id, person_id, wave_id, confidential, state, attempts, next_at,
             created_at)
             values (gen_random_uuid(), $1, $2, null, $3, 'due', 7, now() - interval '1 second', now())`,
            [kestrel.partner, kestrel.id, sealed],
        ),
    )

    await sendNoticesJob.sendNext(services)
    await world.work()
    const noted = await world.services.db.transaction((tx) =>
        tx.query<{ kind: string; sealed: boolean }>(
            `select kind, confidential as sealed from events
             where kind in ('notice.failed', 'mailbox.bounced') and confidential = $3
             and body->>'partner' = $1 and body->>'person' = $2 order by seq`,
            [kestrel.partner, kestrel.id, sealed],
        ),
    )
    expect(noted).toEqual(kinds.map((kind) => ({ kind, sealed })))
    const { requirements } = await kestrel.get("/api/requirements")
    expect(requirements).toContainEqual(expect.objectContaining({ kind: "mailbox", state: due }))
    expect((await kestrel.get("/api/me")).partner.overdue).toEqual([])
})
