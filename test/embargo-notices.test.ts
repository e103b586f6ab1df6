/** Who is notified of changes to an embargo: its signatories and invited parties, without content. */
import { beforeAll, expect, test } from "vitest"
import { dayMs, formatInstant } from "@tocsin/base/instant"
import { noticeSubject, noticeText } from "../server/src/share/delivery/notices/actions/create-notices.ts"
import { signedInAs } from "./support/signed-in.ts"
import { type Demonstration, copyDemonstration, seedMaster } from "./support/demonstration.ts"

let world: Demonstration
beforeAll(async () => {
    const master = await seedMaster()
    world = await copyDemonstration(master)
    // A partner that starts with an expired agreement is notified of that first.
    await world.work()
    return async () => {
        await world.close()
        await master.close()
    }
})

/** Returns the partners whose people got mail during this work. */
async function toldBy(work: () => Promise<unknown>): Promise<string[]> {
    const before = world.mails.length
    await work()
    await world.work()
    const people = world.seeded.partners.flatMap(({ cast }) => cast.people.map(({ mail }) => [mail, cast.key] as const))
    const keyOf = new Map(people)
    const mails = world.mails.slice(before).filter(({ to }) => keyOf.has(to))
    for (const { subject, text } of mails) expect([subject, text]).toEqual([noticeSubject, noticeText])
    return [...new Set(mails.map(({ to }) => keyOf.get(to) ?? to))].toSorted()
}

test("signatories are notified of an invitation and of each entry, and no other partner is", async () => {
    const tomas = signedInAs(world, "tomas")
    const idOf = (key: string) => world.seeded.partners.find(({ cast }) => cast.key === key)?.id ?? ""
    const path = `/api/cases/${world.toolshell}`
    const turn = (action: string, days: number) => {
        const endsAt = formatInstant(Date.parse("2025-07-08T17:00:00Z") + days * dayMs)
        return tomas.post(`${path}/embargo-entries`, { action, endsAt, reason: "a name that no message says" })
    }
    const invite = (key: string) => tomas.post(`${path}/invitations`, { partner: idOf(key) })
    expect(await toldBy(() => turn("propose", -1))).toEqual([])
    expect(await toldBy(() => invite("halcyon"))).toEqual(["halcyon"])
    expect(await toldBy(() => invite("fernwood"))).toEqual(["fernwood"])
    expect(await toldBy(() => turn("propose", -2))).toEqual(["fernwood", "halcyon"])
    const lead = signedInAs(world, "fernwood.lead")
    const [invitation] = (await lead.get("/api/consents")).invitations
    expect(await toldBy(() => lead.post(`/api/consents/${invitation.id}/answer`, { accepts: false }))).toEqual([])
    expect(await toldBy(() => turn("move", -3))).toEqual(["halcyon"])
    expect(await toldBy(() => tomas.post(`${path}/propose-termination`, { trigger: "leak" }))).toEqual(["halcyon"])
})

test("D-09 all people of a partner, and no others, are told of a later key that waits, and of its end", async () => {
    const lead = signedInAs(world, "copperline.lead")
    const recipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
    const before = world.mails.length
    expect(await toldBy(() => lead.post("/api/keys", { recipient }))).toEqual(["copperline"])
    const { people } = world.seeded.partners.find(({ cast }) => cast.key === "copperline")?.cast ?? { people: [] }
    expect(
        world.mails
            .slice(before)
            .map(({ to }) => to)
            .toSorted(),
    ).toEqual(people.map(({ mail }) => mail).toSorted())
    const added = (await signedInAs(world, "copperline").get("/api/keys")).keys.at(-1)
    expect(added.usableFrom).toBe(null)
    expect(await toldBy(() => lead.raw("DELETE", `/api/keys/${added.id}`))).toEqual(["copperline"])
})

test("partners that a new agreement version will bind are notified at once, before it applies", async () => {
    const text = "Keep it to yourselves. ".repeat(10)
    const notified = await toldBy(() => signedInAs(world, "ingrid").post("/api/agreements", { text, termDays: 30 }))
    const bound = world.seeded.partners.filter(
        ({ cast }) => cast.agreement !== null && ["active", "restricted"].includes(cast.status),
    )
    expect(notified).toEqual(bound.map(({ cast }) => cast.key).toSorted())
    expect((await signedInAs(world, "copperline").get("/api/me")).partner.agreement).toBe("accepted")
})
