/**
 * The report of an inquiry: one bundle that anybody checks offline, and the same as a page and as a paper to be set. A member makes it,
 * and that one was made, with the hash of the bundle, is on record.
 */
import { createHash } from "node:crypto"
import { type Bundle, bundleFormat, touchedKind, writeBundle } from "../../../lib/bundle.ts"
import { caution } from "../../../lib/bundle/fixed.ts"
import { canonical } from "../../../lib/canonical.ts"
import { shares } from "../../../lib/evidence/shares.ts"
import { committedKind } from "../../../lib/expert.ts"
import { type Instant, formatInstant } from "../../../lib/instant.ts"
import { paperPage } from "../../../lib/paper-page.ts"
import type { Paper } from "../../../lib/paper.ts"
import { masterOf } from "../../../share/artifacts/actions.ts"
import { caseFiles } from "../../../share/cases/actions.ts"
import { approval as approvalOf } from "../../../trust/approvals/actions.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { provenLeaves } from "../../../trust/audit/actions/exporting.ts"
import { personById } from "../../../trust/identity/actions.ts"
import { partnerNames } from "../../../trust/partners/actions/facts.ts"
import { attributionsOf } from "../../attribution/actions.ts"
import { statedIn } from "../../attribution/actions/opening.ts"
import { evidenceOf } from "../../evidence/actions.ts"
import type { Finding } from "../inquiry.ts"
import { reportOf } from "../report.ts"
import { provisionsIn, timingTold, touchesIn } from "./beside.ts"
import { type Opened, wholeInquiry } from "./inquiries.ts"

export interface Report {
    /** The bundle, in full. */
    readonly bundle: string
    /** HTML, to be read and printed. */
    readonly page: string
    /** What the page says: set as PDF it takes long, and is set once nothing is locked any more. */
    readonly paper: Paper
    readonly madeAt: Instant
    /** Of the bundle, in hex. */
    readonly sha256: string
}

/** Refuses `inquiry.not_found`, `audit_log.too_many`. */
export async function makeReport(act: Act, id: string): Promise<Report> {
    const its = await wholeInquiry(act, id)
    const told = {
        ...{ ...toldBy(its), ...(await evidenceIn(act, its)), findings: await findingsIn(act, its.findings) },
        ...{ touches: await touchesIn(act, its), timing: await timingTold(act, its) },
        provisions: await provisionsIn(act, id),
    }
    const { head, leaves } = await leavesOf(act, id, told)
    const all = { ...head, ...told, leaves: leaves.map((one) => ({ ...one, path: [...one.path] })) }
    const bundle: Bundle = {
        ...{ format: bundleFormat, madeAt: formatInstant(act.now), caution, ...all },
        names: await namesIn(act, all),
    }
    const file = writeBundle(bundle)
    const sha256 = createHash("sha256").update(file).digest("hex")
    await record(act, { kind: "inquiry.reported", inquiry: id, bundle: sha256 }, true)
    const paper = reportOf(bundle, sha256)
    return { bundle: file, page: paperPage(paper), paper, madeAt: act.now, sha256 }
}

type Told = Pick<Bundle, "evidence" | "attributions" | "findings" | "case"> &
    Required<Pick<Bundle, "touches" | "provisions">>

/** Nothing of another inquiry, though it be about the same evidence. */
async function leavesOf(act: Act, inquiry: string, told: Told) {
    const { evidence, attributions, findings, case: of, touches, provisions } = told
    const signed = [...findings, ...provisions.flatMap((one) => [one, ...one.carryings])]
    const documents = attributions.flatMap((one) => one.documents)
    const sayings = [
        { kind: null, field: "inquiry", values: [inquiry] },
        { kind: null, field: "evidence", values: evidence.map(({ id }) => id) },
        { kind: null, field: "approval", values: signed.map(({ approval }) => approval) },
        { kind: touchedKind, field: "touch", values: touches.map((one) => one.touch) },
        { kind: committedKind, field: "manifest", values: documents.map(({ manifest }) => manifest) },
        { kind: "deletion.confirmed", field: "case", values: [of] },
    ]
    return await provenLeaves(act, sayings, (body) => (body["inquiry"] ?? inquiry) === inquiry)
}

function toldBy(its: Opened) {
    return {
        ...{ inquiry: its.id, case: its.case, title: its.title, course: its.course, members: [...its.members] },
        ...{ openedBy: its.openedBy, openedAt: formatInstant(its.openedAt) },
        excluded: its.excluded.map((one) => ({ ...one, at: formatInstant(one.at) })),
        turns: its.turns.map((one) => ({ ...one, at: formatInstant(one.at) })),
        explanations: its.hypotheses.map(({ salt = null, ...one }) => ({ ...one, salt })),
        questions: its.questions.map(questionIn),
        attestations: its.attestations.map((one) => ({ ...one, at: formatInstant(one.at) })),
    }
}

function questionIn({ notedAt: _, unreached: __, answer, askedAt, answerBy, ...one }: Opened["questions"][number]) {
    return {
        ...{ ...one, askedAt: formatInstant(askedAt), answerBy: formatInstant(answerBy) },
        answer: answer && { ...answer, at: formatInstant(answer.at) },
    }
}

async function evidenceIn(act: Act, its: Opened): Promise<Pick<Bundle, "evidence" | "attributions">> {
    const evidence: Bundle["evidence"] = []
    const attributions: Bundle["attributions"] = []
    for (const id of its.evidence) {
        const { kind, name, source, note, clock, sha256, size, filedBy, ...one } = await evidenceOf(act, id)
        const deletedAt = one.deletedAt === null ? null : formatInstant(one.deletedAt)
        const dates = { seenAt: formatInstant(one.seenAt), filedAt: formatInstant(one.filedAt), deletedAt }
        evidence.push({ ...{ id, kind, name, source, note, clock, sha256, size, filedBy }, ...dates })
        for (const found of await attributionsOf(act, id)) {
            const { alpha, tests: versions, untested } = found.result
            const { numbers, documents } = await statedIn(act, found)
            attributions.push({
                ...{ id: found.id, evidence: id, verdict: found.verdict, at: formatInstant(found.at) },
                ...{ alpha, versions, untested, shares, numbers: [...numbers], documents: [...documents] },
                quoted: [...new Set(found.result.quoted?.found.map(({ recipient }) => recipient))],
            })
        }
    }
    return { evidence, attributions }
}

async function findingsIn(act: Act, findings: readonly Finding[]): Promise<Bundle["findings"]> {
    const all: Bundle["findings"] = []
    const told = (at: Instant | null) => (at === null ? null : formatInstant(at))
    for (const { state: _, ...one } of findings) {
        const { effects, signedBy } = await approvalOf(act, one.approval)
        const dates = { proposedAt: formatInstant(one.proposedAt), confirmedAt: told(one.confirmedAt) }
        const obligation = one.obligation && { ...one.obligation }
        all.push({
            ...one,
            ...dates,
            obligation,
            unheard: one.unheard && { ...one.unheard },
            signedBy: one.confirmedAt === null ? null : signedBy,
            effects: { ...effects },
        })
    }
    return all
}

/** Whom it names: of all who had a copy, and of all who confirmed a recall, the bundle has the ids. */
function namedIn({ numbers, documents, quoted }: Bundle["attributions"][number]): string[] {
    const identified = new Set(documents.flatMap(({ stated }) => stated.identified))
    return [...quoted, ...numbers.filter(({ number }) => identified.has(number)).map(({ recipient }) => recipient)]
}

const ids = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

/** Of persons and partners: by name it calls those alone whom something is held against, or who was asked. */
async function namesIn(
    act: Act,
    its: Omit<Bundle, "format" | "madeAt" | "caution" | "names">,
): Promise<Bundle["names"]> {
    const told = canonical({
        ...its,
        attributions: its.attributions.map(namedIn),
        timing: null,
        attestations: its.attestations.filter((one) => one.of !== "recall"),
        leaves: its.leaves.filter(({ kind }) => kind !== "deletion.confirmed"),
    })
    const partners = await partnerNames(act)
    const names: Bundle["names"] = []
    for (const id of [...new Set(told.match(ids))].toSorted()) {
        const name = partners.get(id)?.name ?? (await personById(act, id))?.name
        if (name !== undefined) names.push({ id, name })
    }
    return [...names, ...(await namesOfContent(act, its))].toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** The titles of the cases, and the names of the files, that the report is about. */
async function namesOfContent(
    act: Act,
    its: Pick<Bundle, "case" | "attributions" | "touches" | "provisions">,
): Promise<Bundle["names"]> {
    const { touches = [], provisions = [] } = its
    const cases = [...new Set([its.case, ...touches.map((one) => one.case), ...provisions.map((one) => one.case)])]
    const versions = [...its.attributions.flatMap(({ documents }) => documents), ...touches]
    const artifacts = new Set(versions.map(({ artifact }) => artifact))
    const files = await caseFiles(act, cases)
    const known: Bundle["names"] = files.map(({ id, title }) => ({ id, name: title }))
    for (const artifact of artifacts) {
        const { version } = versions.find((one) => one.artifact === artifact) ?? { version: null }
        known.push({ id: artifact, name: (await masterOf(act, artifact, version)).name })
    }
    return known
}
