/** The start of random runs: a released wave, leaks, an inquiry, procedures, and cases for emergency releases. */
import { seedCase } from "../../../server/src/demo/seed.ts"
import { toolshell } from "../../../server/src/demo/toolshell.ts"
import { parseInstant } from "@tocsin/base/instant"
import { signedInAs, signApprovalAs } from "../../support/signed-in.ts"
import type { Demonstration } from "../../support/demonstration.ts"
import type { Playing } from "./playing.ts"
import { identifiedKeys } from "./tried.ts"

export const start = parseInstant("2025-06-23T00:00:00Z")
export const whileOneReads = parseInstant("2025-06-24T18:00:00Z")

export async function begin(playing: Playing): Promise<void> {
    const { its: world } = playing
    const ingrid = signedInAs(world, "ingrid")
    const ids = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id).toReversed()
    playing.idsOf("wave").push(...ids((await ingrid.get(`/api/cases/${world.toolshell}/waves`)).waves))
    const { artifacts } = await ingrid.get(`/api/cases/${world.toolshell}/artifacts`)
    playing.idsOf("artifact").push(...ids(artifacts))
    playing.idsOf("summary").push(artifacts.find((artifact: { class: string }) => artifact.class === "summary").id)
    await firstWaveFalls(playing)
    await copiesLeak(playing)
    await breachesAreFound(playing)
    await smallCases(playing)
    await aNameIsQuoted(playing)
    playing.idsOf("case").push(...ids((await ingrid.get("/api/cases")).cases))
}

/** Signed by two people, so that there is content to read from the start; the next wave is due soon. */
async function firstWaveFalls(playing: Playing): Promise<void> {
    const ingrid = signedInAs(playing.its, "ingrid")
    // One refused earlier: no signer accepts it.
    const partner = playing.partner("copperline")
    await ingrid.post(`/api/cases/${playing.its.toolshell}/invitations`, { partner })
    await playing.partners.action("copperline", "declines", playing.now)
    const { approval } = await ingrid.post(`/api/waves/${playing.idsOf("wave").at(-1)}/release`, {})
    await playing.sign(3, approval)
    await playing.passTo(parseInstant("2025-06-24T17:00:00Z"))
    await playing.passTo(parseInstant("2025-07-02T08:00:00Z"))
}

/** The discloser of a document's key has every copy. One leak is a partner's copy, the other a signer's. */
async function copiesLeak(playing: Playing): Promise<void> {
    const { its: world } = playing
    const aoife = signedInAs(world, "aoife")
    const { artifacts } = await aoife.get(`/api/cases/${world.toolshell}/artifacts`)
    const technical = artifacts.find(({ name }: { name: string }) => name === "technical.md").id
    const own = (await signedInAs(world, "rafael").get(`/api/artifacts/${technical}`)).content as string
    for (const content of [own, await signedInAs(world, "halcyon").copy("technical.md")]) {
        const filed = await aoife.post("/api/evidence", {
            kind: "leak",
            name: "paste.txt",
            source: "a site",
            case: world.toolshell,
            content,
            observedAt: "2025-07-01T00:00:00Z",
            clock: "unknown",
        })
        playing.remember("/api/evidence", filed)
        const address = `/api/evidence/${filed.evidence}/attribute`
        let found = await aoife.post(address, { reason: "Another copy of it." })
        if (!found.done) {
            await signApprovalAs(signedInAs(world, "kofi"), found.approval)
            found = await aoife.post(address, { approval: found.approval })
        }
        playing.idsOf("attribution").push(found.attributions[0].id)
    }
}

/** Two procedures, one with an answer; and a person who imposed an interim suspension and decides nothing else. */
async function breachesAreFound(playing: Playing): Promise<void> {
    const { its: world } = playing
    const [aoife, rafael] = [signedInAs(world, "aoife"), signedInAs(world, "rafael")]
    const opened = await aoife.post("/api/inquiries", {
        case: world.toolshell,
        title: "The paste",
        evidence: playing.idsOf("evidence"),
        members: [rafael.id, signedInAs(world, "kofi").id],
        excluded: [{ person: signedInAs(world, "tomas").id, reason: "He wrote it." }],
    })
    playing.remember("/api/inquiries", opened)
    const at = `/api/inquiries/${opened.inquiry}`
    for (const key of identifiedKeys) {
        const input = { conclusion: "Its copy was pasted.", confidence: "high", obligation: "2.2" }
        const proposed = await aoife.post(`${at}/propose-finding`, { partner: playing.partner(key), ...input })
        await signApprovalAs(rafael, proposed.approval)
        await aoife.post(`${at}/confirm-finding`, { finding: proposed.finding })
        playing.remember("/api/inquiries", proposed)
        const found = { inquiry: opened.inquiry, finding: proposed.finding, reason: "It was found." }
        playing.remember("/api/procedures", await aoife.post("/api/procedures", found))
    }
    await playing.partners.action("copperline", "answers", playing.now)
    const suspended = { kind: "interim_suspension", partner: playing.partner("tidewater"), reason: "To look into it." }
    playing.remember("/api/measures", await aoife.post("/api/measures", suspended))
}

/** None of their waves is released automatically during the run. */
async function smallCases(playing: Playing): Promise<void> {
    const { its: world } = playing
    const before = await casesOf(world)
    for (const n of [1, 2, 3]) {
        await seedCase(world.services, world.seeded.operators, {
            ...toolshell,
            title: `Another, ${n}`,
            links: [],
            openedAt: playing.now,
            publication: parseInstant("2025-09-20T17:00:00Z"),
            cves: toolshell.cves.slice(0, 1).map((cve) => ({ ...cve, id: `CVE-2025-9000${n}` })),
            artifacts: toolshell.artifacts.filter(({ name }) => name === "technical.md"),
        })
    }
    playing.idsOf("small").push(...(await casesOf(world)).filter((id) => !before.includes(id)))
}

/** A leak of a canary of a signer's copy, and nothing else from it. */
async function aNameIsQuoted(playing: Playing): Promise<void> {
    const { its: world } = playing
    const [aoife, ingrid] = [signedInAs(world, "aoife"), signedInAs(world, "ingrid")]
    const subject = playing.idsOf("small").at(-1)
    const { id } = await ingrid.post(`/api/cases/${subject}/artifacts`, {
        class: "technical",
        tlp: "RED",
        pap: "RED",
        name: "access.md",
        content: "# Access\n\nThe account for tests is {{canary:credential}}, and it opens nothing.\n",
    })
    const own: string = (await signedInAs(world, "rafael").get(`/api/artifacts/${id}`)).content
    const name = /tests is (\S+), and/.exec(own)?.[1] ?? ""
    const filed = await aoife.post("/api/evidence", {
        kind: "leak",
        name: "list.txt",
        source: "a site",
        case: subject,
        content: `root ${name} admin`,
        observedAt: "2025-07-01T00:00:00Z",
        clock: "unknown",
    })
    playing.remember("/api/evidence", filed)
    const { attributions } = await aoife.post(`/api/evidence/${filed.evidence}/attribute`, {})
    if (attributions[0].quoted?.found.length !== 1) throw new Error(`no canary was found in ${own}`)
}

async function casesOf(world: Demonstration): Promise<string[]> {
    return (await signedInAs(world, "ingrid").get("/api/cases")).cases.map(({ id }: { id: string }) => id)
}
