/** The report of an inquiry is checked by nothing but the file, and any change of what it proves is found. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { awaitRefusalCode, createStaffMember, listEvents } from "../../../../test/support/actors.ts"
import { normaliseAsRead, readPdf } from "../../../../test/support/pdf-reader.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    fetchCopyText,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { inquiryFiles } from "@tocsin/marks/commands/inquiry-files"
import { verifyFiles } from "@tocsin/audit-log/commands/verify"
import { readContent } from "../../demo/content.ts"
import type { Bundle } from "@tocsin/marks/bundle/bundle"
import { canonical } from "@tocsin/base/canonical"
import { dayMs, formatInstant, parseInstant } from "@tocsin/base/instant"
import { reportPage } from "../../models/report-document-page.ts"
import type { Block, ReportDocument } from "../../models/report-document.ts"
import { renderPdf } from "../../platform/sandbox/pdf.ts"
import { addArtifact } from "../../share/artifacts/actions/add-artifact.ts"
import { recallArtifact } from "../../share/artifacts/actions/recall-artifact.ts"
import { aliasFor } from "../../share/delivery/actions/resolve-alias.ts"
import { confirmDeletion } from "../../share/delivery/recalls/actions/notify-holders.ts"
import type { Actor } from "../../kernel/actor.ts"
import { attribute } from "../attribution/actions/attribute-leak.ts"
import { deleteEvidence } from "./actions/delete-evidence.ts"
import { addLeak } from "../evidence/actions/add-evidence.ts"
import { closeInquiry } from "./actions/close-inquiry.ts"
import { proposeFinding, confirmFinding } from "./actions/propose-finding.ts"
import { openInquiry, weighHypothesis } from "./actions/open-inquiry.ts"
import { excludePerson } from "./actions/exclude-person.ts"
import { discloseKeysToExpert } from "./actions/disclose-to-expert.ts"
import { answerQuestion, askQuestion } from "./actions/ask-question.ts"
import { type Report, makeReport } from "./actions/export-report.ts"
import { reportOf } from "./report.ts"

let world: Program
let partner: TestPartner
let colleague: Actor & { person: string }
let outsider: Actor & { person: string }
let inquiry: string
let other: string
let evidence: string
let attribution: string
let report: Report
let bundle: Bundle

const by = <T>(work: Parameters<typeof world.acting<T>>[1]) => world.acting(world.investigator, work)

/** A leak that is traced; a partner that is asked, answers and is named; and another inquiry about the same leak. */
beforeAll(async () => {
    world = await createProgram({ canaryZone: "canary.example" })
    colleague = await createStaffMember(world.acting, ["investigator", "approver"])
    outsider = await createStaffMember(world.acting, ["investigator", "approver"])
    partner = await newPartner(world, "validate")
    const innocent = await newPartner(world, "validate")
    const subject = await newCase(world, "toolshell")
    const technical = await world.acting(world.author, (ctx) =>
        addArtifact(ctx, {
            case: subject,
            class: "technical",
            tlp: "RED",
            pap: "RED",
            name: "technical.md",
            content: `${readContent("toolshell/technical.md")}\n\nThen the page asks {{canary:host}} for more.\n`,
        }),
    )
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWaveNow(world, subject, "validate", [technical])
    await fetchCopyText(world, innocent, technical)
    const text = await fetchCopyText(world, partner, technical)
    world.clock.now += 60_500
    const words = { name: "paste.txt", source: "a paste site", note: "", clock: "unknown" as const }
    const leak = { ...words, case: subject, content: Buffer.from(text), observedAt: world.clock.now }
    evidence = await by((ctx) => addLeak(ctx, leak))
    attribution = await by((ctx) => attribute(ctx, evidence))
    const opening = { case: subject, evidence: [evidence], members: [colleague.person] }
    inquiry = await by((ctx) => openInquiry(ctx, { ...opening, title: "The <paste>" }))
    other = await by((ctx) => openInquiry(ctx, { ...opening, title: "Another" }))
    await by((ctx) => excludePerson(ctx, inquiry, outsider.person, "It wrote the text."))
    await by((ctx) => weighHypothesis(ctx, inquiry, "patch", { for: "", against: "There was no patch.", weight: 3 }))
    const input = { partner: partner.id, conclusion: "Its copy was pasted.", confidence: "high" as const }
    const { finding, approval } = await by((ctx) => proposeFinding(ctx, inquiry, { ...input, obligation: "2.2" }))
    const answerBy = world.clock.now + 7 * dayMs
    const about = { kind: "finding" as const, partner: partner.id, finding, text: "It fits your copy.", answerBy }
    const question = await by((ctx) => askQuestion(ctx, inquiry, about))
    await world.acting(partner.lead, (ctx) =>
        answerQuestion(ctx, question, { text: "A laptop was lost.", deleted: null }),
    )
    await signAsApprover(world, approval, colleague)
    await by((ctx) => confirmFinding(ctx, inquiry, finding))
    await by((ctx) => closeInquiry(ctx, inquiry, "explained", "A lost laptop."))
    const recall = await world.acting(world.manager, (ctx) =>
        recallArtifact(ctx, technical, { version: null, reason: "It leaked." }),
    )
    const named = aliasFor(world.services.keys, innocent.id, "recall", recall)
    await world.acting(innocent.analyst, (ctx) => confirmDeletion(ctx, named))
    report = await by((ctx) => makeReport(ctx, inquiry))
    bundle = JSON.parse(report.bundle) as Bundle
}, 120_000)
afterAll(() => world.database.close())

async function verified(files: Readonly<Record<string, string>>): Promise<{ code: number; notified: string[] }> {
    const notified: string[] = []
    const code = await verifyFiles(
        Object.keys(files),
        { json: true, anyKey: true },
        {
            open: async function* (path) {
                yield Buffer.from(files[path] ?? "")
            },
            result: (line) => void notified.push(line),
            message: () => undefined,
        },
        inquiryFiles,
    )
    return { code, notified }
}

const verdictOf = async (input: unknown) => {
    const { notified } = await verified({ bundle: `${canonical(input)}\n` })
    return (JSON.parse(notified[0] ?? "{}") as { code?: string }).code ?? "accepted"
}

test("it is accepted, with all that the inquiry holds", async () => {
    const { code, notified } = await verified({ bundle: report.bundle })
    expect(code).toBe(0)
    expect(JSON.parse(notified[0] ?? "")).toMatchObject({
        format: "tocsin-inquiry-bundle/1",
        inquiry,
        evidence: 1,
        attributions: 1,
        questions: 1,
        findings: 1,
        confirmed: 1,
        keyKnown: false,
    })
    expect(bundle.leaves.map(({ kind }) => kind)).toEqual(
        expect.arrayContaining(["evidence.added", "marks.committed", "question.answered", "finding.confirmed"]),
    )
})

test("it says nothing of another inquiry about the same leak, and no key, no master and no form of a slot", () => {
    expect(report.bundle).not.toContain(other)
    const [document] = bundle.attributions[0]?.documents ?? []
    expect(Object.keys(document ?? {}).toSorted()).toEqual([
        "artifact",
        "epoch",
        "manifest",
        "read",
        "share",
        "stated",
        "version",
    ])
})

test("it tells whose canary the leak quotes", () => {
    expect(bundle.attributions).toMatchObject([{ quoted: [partner.id] }])
})

test("by name it calls those alone whom something concerns, and nobody for having confirmed a recall", () => {
    const numbered = bundle.attributions[0]?.numbers.map(({ recipient }) => recipient) ?? []
    expect(numbered.length).toBeGreaterThan(1)
    expect(bundle.attestations.map(({ kind }) => kind)).toContain("recall")
    const named = numbered.filter((id) => bundle.names.some((item) => item.id === id))
    expect(named).toEqual([partner.id])
})

describe("what was changed is found", () => {
    const finding = () => bundle.findings[0] ?? none()
    const question = () => bundle.questions[0] ?? none()
    const filed = () => bundle.evidence[0] ?? none()
    const attributed = () => bundle.attributions[0] ?? none()
    const without = (kind: string) => bundle.leaves.filter((leaf) => leaf.kind !== kind)
    const answer = () => question().answer ?? none()
    const findings = (subject: object) => ({ findings: [{ ...finding(), ...subject }] })

    test.each<[string, () => Partial<Record<keyof Bundle, unknown>>, string]>([
        [
            "a leaf",
            () => ({ leaves: bundle.leaves.map((leaf) => ({ ...leaf, at: "2025-01-01T00:00:00Z" })) }),
            "bundle.altered",
        ],
        ["the order of leaves", () => ({ leaves: bundle.leaves.toReversed() }), "bundle.out_of_place"],
        ["a hash of evidence", () => ({ evidence: [{ ...filed(), sha256: "0".repeat(64) }] }), "bundle.not_recorded"],
        ["who filed it", () => ({ evidence: [{ ...filed(), addedBy: partner.id }] }), "bundle.not_recorded"],
        ["a conclusion", () => findings({ conclusion: "It sold it." }), "bundle.text_mismatch"],
        [
            "a conclusion, without its salt",
            () => findings({ conclusion: "It sold it.", salt: null }),
            "bundle.malformed",
        ],
        ["its confidence", () => findings({ confidence: "low" }), "bundle.text_mismatch"],
        ["whom it concerns", () => findings({ partner: null }), "bundle.not_recorded"],
        ["the second hand", () => findings({ signedBy: finding().proposedBy }), "bundle.finding_not_signed"],
        ["whose the second hand was", () => findings({ signedBy: outsider.person }), "bundle.not_recorded"],
        ["the question", () => ({ questions: [{ ...question(), text: "Confess." }] }), "bundle.not_recorded"],
        [
            "the statement",
            () => ({ questions: [{ ...question(), answer: { ...answer(), text: "We did." } }] }),
            "bundle.not_recorded",
        ],
        ["that there was one", () => ({ questions: [{ ...question(), answer: null }] }), "bundle.count_mismatch"],
        ["that anything was asked", () => ({ questions: [] }), "bundle.count_mismatch"],
        ["its leaf", () => ({ leaves: without("question.answered") }), "bundle.not_recorded"],
        ["who was kept out", () => ({ excluded: [] }), "bundle.count_mismatch"],
        [
            "how it ended",
            () => ({ history: bundle.history.map((turn) => ({ ...turn, outcome: "unfounded" })) }),
            "bundle.not_recorded",
        ],
        [
            "what was weighed",
            () => ({ hypotheses: bundle.hypotheses.map((explanation) => ({ ...explanation, for: "Much." })) }),
            "bundle.not_recorded",
        ],
        [
            "what was weighed, without its leaf",
            () => ({
                leaves: without("inquiry.hypothesis_weighted"),
                hypotheses: bundle.hypotheses.map((explanation) => ({ ...explanation, for: "Much.", salt: null })),
            }),
            "bundle.not_recorded",
        ],
        [
            "whom an attribution names",
            () => ({
                attributions: [
                    {
                        ...attributed(),
                        numbers: attributed().numbers.map(({ number }) => ({ number, recipient: `x${number}` })),
                    },
                ],
            }),
            "bundle.identified_mismatch",
        ],
        [
            "whose canary it quotes",
            () => ({ attributions: [{ ...attributed(), quoted: [] }] }),
            "bundle.identified_mismatch",
        ],
        [
            "what was committed to",
            () => ({
                attributions: [
                    {
                        ...attributed(),
                        documents: attributed().documents.map((document) => ({
                            ...document,
                            manifest: "0".repeat(64),
                        })),
                    },
                ],
            }),
            "bundle.not_recorded",
        ],
        ["an unknown field", () => ({ more: 1 }) as object, "bundle.malformed"],
        ["the head", () => ({ origin: "tocsin/other" }), "audit_log.origin_mismatch"],
    ])("%s", async (_, change, code) => {
        expect(await verdictOf(bundle)).toBe("accepted")
        expect(await verdictOf({ ...bundle, ...change() })).toBe(code)
    })

    test("also where it is written in another way, or cut off", async () => {
        const describe = async (text: string) => (await verified({ bundle: text })).notified.join()
        expect(await describe(report.bundle.replace('"case":', '"case": '))).toContain("canonical.")
        expect(await describe(report.bundle.slice(0, -1))).toContain("bundle.malformed")
    })
})

test("an expert file beside it has to state the same", async () => {
    const { approval } = await by((ctx) => discloseKeysToExpert(ctx, attribution, inquiry, undefined))
    await signAsApprover(world, approval, colleague)
    const { disclosed: given } = await by((ctx) => discloseKeysToExpert(ctx, attribution, inquiry, approval))
    const expert = given?.file ?? none()
    const { code, notified } = await verified({ bundle: report.bundle, expert })
    expect(code).toBe(0)
    expect(JSON.parse(notified[0] ?? "")).toMatchObject({ opened: 1 })
    const [item = none()] = bundle.attributions
    const documents = item.documents.map((document) => ({ ...document, stated: { ...document.stated, threshold: 1 } }))
    const changed = `${canonical({ ...bundle, attributions: [{ ...item, documents }] })}\n`
    expect((await verified({ bundle: changed, expert })).notified[0]).toContain("bundle.expert_mismatch")
})

test("the page tells the same, with what it cannot say, and escapes what people wrote", () => {
    for (const text of [
        "The &lt;paste&gt;",
        "Its copy was pasted.",
        "A laptop was lost.",
        "not a culprit",
        "The leak quotes a canary that only the copy of " +
            `${bundle.names.find(({ id }) => id === partner.id)?.name} contains.`,
        "not a probability of guilt",
    ]) {
        expect(report.page).toContain(text)
    }
    expect(report.page).not.toContain("<paste>")
})

test("the page counts in the singular and the plural, explains its numbers, and shows no part of an id", () => {
    const pageOf = (versions: number, untested: number) => {
        const attributions = bundle.attributions.map((attribution) => ({ ...attribution, versions, untested }))
        return reportPage(reportOf({ ...bundle, attributions }, report.sha256))
    }
    expect(pageOf(1, 1)).toContain("compared with 1 version. 1 more version has no marks that can be read.")
    expect(pageOf(11, 2)).toContain("compared with 11 versions. 2 more versions have no marks that can be read.")
    expect(pageOf(11, 0)).not.toContain("that can be read.")
    expect(report.page).toContain("Copies have numbers.")
    expect(report.page).toMatch(/not named here \([A-Z]\)/)
    expect(report.page).not.toMatch(/not named here \([0-9a-f]{8}\)/)
})

test("the page says each event in words, and accuses in no riddle", () => {
    expect(bundle.leaves.length).toBeGreaterThan(10)
    for (const { kind } of bundle.leaves) expect(report.page).not.toContain(kind)
    for (const event of ["evidence added", "commitment to the marks of a version recorded", "finding confirmed"]) {
        expect(report.page).toContain(event)
    }
    expect(report.page).not.toMatch(/whoever|accuses nobody|the program's own coin|kept out|what time alone|to be had/i)
})

test("the PDF says what the page says: all of the report document, made from the bundle and its hash", async () => {
    const pdf = (await renderPdf(report.document, report.createdAt)) ?? none()
    const inputs = (await readPdf(pdf)).texts.map(([, text]) => text)
    const paper = reportOf(bundle, report.sha256)
    expect(inputs).toEqual(textsIn(paper).map(normaliseAsRead))
    for (const text of ["The <paste>", "Its copy was pasted.", `SHA-256 ${report.sha256}`])
        expect(inputs).toContain(text)
    expect(inputs.length).toBeGreaterThan(100)
    expect(await renderPdf(paper, parseInstant(bundle.createdAt))).toEqual(pdf)
    // Of the page: without its markup it is the same texts.
    const shown = report.page
        .replace(/^[^]*<body>/, "")
        .replaceAll(/<[^>]*>/g, "\0")
        .split("\0")
    const read = (text: string) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&#39;", "'")
    const plain = (text: string) => read(text).replaceAll("&quot;", '"').replaceAll("&amp;", "&").trim()
    expect(shown.map(plain).filter(Boolean)).toEqual(textsIn(paper).filter(Boolean))
})

test("the PDF names the case, the artifacts and the identified partner, and shows only the inquiry's id", async () => {
    const { texts: inputs, pages } = await readPdf((await renderPdf(report.document, report.createdAt)) ?? none())
    const texts = inputs.map(([, text]) => text)
    expect(texts).toContain("toolshell")
    expect(texts.some((text) => text.startsWith("technical.md, version 1: "))).toBe(true)
    expect(texts).toContain("A partner of validate")
    const ids = texts.join("\n").match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g)
    expect(new Set(ids)).toEqual(new Set([bundle.inquiry]))
    expect(pages.length).toBeGreaterThan(1)
})

test("next to an e-value, the page names only recipients that one of its versions identifies", () => {
    const list = bundle.attributions[0]?.numbers.map(({ recipient }) => recipient) ?? []
    const names = list.map((id) => ({ id, name: `The name of ${id}` }))
    // What time says is beside no e-value, and names whom the report names elsewhere.
    const timing = { ...bundle.timing, rows: [] }
    const page = reportPage(reportOf({ ...bundle, timing, names, attestations: [], leaves: [] }, report.sha256))
    expect(list.filter((id) => page.includes(`The name of ${id}`))).toEqual([partner.id])
})

test("whose time to answer still runs is not said to have kept silent", async () => {
    const about = { kind: "question" as const, partner: partner.id, finding: null, text: "Who read it?" }
    const answerBy = world.clock.now + dayMs
    await by((ctx) => askQuestion(ctx, other, { ...about, answerBy }))
    const { page } = await by((ctx) => makeReport(ctx, other))
    expect(page).toContain("no answer yet, the deadline is")
    expect(page).not.toContain("no answer, ")
    world.clock.now = answerBy
    expect((await by((ctx) => makeReport(ctx, other))).page).toContain("no answer, the deadline was")
})

test("an inquiry whose evidence was deleted since has a report that is accepted, and says that it was", async () => {
    const { approval } = await by((ctx) => deleteEvidence(ctx, evidence, { reason: "it is private" }))
    await signAsApprover(world, approval, colleague)
    world.clock.now += 1000
    await by((ctx) => deleteEvidence(ctx, evidence, { approval }))
    const deletedAt = formatInstant(world.clock.now)
    const after = await by((ctx) => makeReport(ctx, inquiry))
    expect(
        (await verified({ bundle: after.bundle })).notified.map((item) => JSON.parse(item) as unknown),
    ).toMatchObject([{ ok: true, evidence: 1, attributions: 0, findings: 1 }])
    const { evidence: kept } = JSON.parse(after.bundle) as Bundle
    expect(kept).toMatchObject([{ id: evidence, deletedAt, sha256: bundle.evidence[0]?.sha256 }])
    expect(after.page).toContain(`Deleted ${deletedAt}`)
})

test("it takes a member, and that it was made is on record, sealed, with its hash", async () => {
    expect(await awaitRefusalCode(world.acting(outsider, (ctx) => makeReport(ctx, inquiry)))).toBe("inquiry.not_found")
    const made = (await listEvents(world.database)).filter(({ kind }) => kind === "inquiry.reported")
    expect(made.slice(0, 1)).toMatchObject([
        { body: { inquiry, bundle: report.sha256, by: world.investigator.person } },
    ])
})

/** In the order in which they are read. */
function textsIn({ title, content }: ReportDocument): string[] {
    const pick = (block: Block): readonly string[] => {
        if (block.kind === "text") return [block.text]
        if (block.kind === "table") return [...block.headings, ...block.rows.flat()]
        return [block.title, ...block.content.flatMap(pick)]
    }
    return [title, ...content.flatMap(pick)]
}

function none(): never {
    throw new Error("there is none")
}
