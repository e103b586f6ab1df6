/**
 * Makes the report of an inquiry: one bundle that can be verified offline, and the same content as a page and a PDF. A
 * member makes it. The audit log records the report with the bundle's hash.
 */
import { createHash } from "node:crypto"
import { type Bundle, bundleFormat, touchedKind, writeBundle } from "@tocsin/marks/bundle/bundle"
import { caution } from "@tocsin/marks/bundle/fixed-texts"
import { canonical } from "@tocsin/base/canonical"
import { shares } from "@tocsin/marks/evidence/shares"
import { committedKind } from "@tocsin/marks/expert"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { paperPage } from "../../../models/report-document-page.ts"
import type { Paper } from "../../../models/report-document.ts"
import { masterOf } from "../../../share/artifacts/actions.ts"
import { caseFiles } from "../../../share/cases/actions.ts"
import { approval as approvalOf } from "../../../trust/approvals/actions.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { provenLeaves } from "../../../trust/audit-log/actions/export-log.ts"
import { personById } from "../../../trust/identity/actions.ts"
import { partnerNames } from "../../../trust/partners/actions/load-facts.ts"
import { attributionsOf } from "../../attribution/actions.ts"
import { statedIn } from "../../attribution/actions/disclose-keys.ts"
import { evidenceOf } from "../../evidence/actions.ts"
import type { Finding } from "../inquiry.ts"
import { reportOf } from "../report.ts"
import { provisionsIn, timingTold, touchesIn } from "./load-bundle-parts.ts"
import { type Opened, wholeInquiry } from "./open-inquiry.ts"

export interface Report {
    /** The whole bundle. */
    readonly bundle: string
    /** The report as HTML. */
    readonly page: string
    /** The report document, which becomes the PDF after all locks are released, because that takes long. */
    readonly paper: Paper
    readonly madeAt: Instant
    /** The bundle's SHA-256, in hex. */
    readonly sha256: string
}

/** Makes the report for a member. Refuses `inquiry.not_found` and `audit_log.too_many`. */
export async function makeReport(ctx: ActionContext, id: string): Promise<Report> {
    const input = await wholeInquiry(ctx, id)
    const notified = {
        ...toldBy(input),
        ...(await evidenceIn(ctx, input)),
        findings: await findingsIn(ctx, input.findings),
        touches: await touchesIn(ctx, input),
        timing: await timingTold(ctx, input),
        provisions: await provisionsIn(ctx, id),
    }
    const { head, leaves } = await leavesOf(ctx, id, notified)
    const values = { ...head, ...notified, leaves: leaves.map((leaf) => ({ ...leaf, path: [...leaf.path] })) }
    const bundle: Bundle = {
        format: bundleFormat,
        madeAt: formatInstant(ctx.now),
        caution,
        ...values,
        names: await namesIn(ctx, values),
    }
    const file = writeBundle(bundle)
    const sha256 = createHash("sha256").update(file).digest("hex")
    await record(ctx, { kind: "inquiry.reported", inquiry: id, bundle: sha256 }, true)
    const paper = reportOf(bundle, sha256)
    return { bundle: file, page: paperPage(paper), paper, madeAt: ctx.now, sha256 }
}

type Told = Pick<Bundle, "evidence" | "attributions" | "findings" | "case"> &
    Required<Pick<Bundle, "touches" | "provisions">>

/** Lists the audit log leaves of this inquiry, without other inquiries about the same evidence. */
async function leavesOf(ctx: ActionContext, inquiry: string, notification: Told) {
    const { evidence, attributions, findings, case: caseId, touches, provisions } = notification
    const signed = [...findings, ...provisions.flatMap((provision) => [provision, ...provision.carryings])]
    const documents = attributions.flatMap((attribution) => attribution.documents)
    const sayings = [
        { kind: null, field: "inquiry", values: [inquiry] },
        { kind: null, field: "evidence", values: evidence.map(({ id }) => id) },
        { kind: null, field: "approval", values: signed.map(({ approval }) => approval) },
        { kind: touchedKind, field: "touch", values: touches.map((touch) => touch.touch) },
        { kind: committedKind, field: "manifest", values: documents.map(({ manifest }) => manifest) },
        { kind: "deletion.confirmed", field: "case", values: [caseId] },
    ]
    return await provenLeaves(ctx, sayings, (body) => (body["inquiry"] ?? inquiry) === inquiry)
}

function toldBy(input: Opened) {
    return {
        inquiry: input.id,
        case: input.case,
        title: input.title,
        course: input.course,
        members: [...input.members],
        openedBy: input.openedBy,
        openedAt: formatInstant(input.openedAt),
        excluded: input.excluded.map((keptOut) => ({ ...keptOut, at: formatInstant(keptOut.at) })),
        turns: input.turns.map((entry) => ({ ...entry, at: formatInstant(entry.at) })),
        explanations: input.hypotheses.map(({ salt = null, ...rest }) => ({ ...rest, salt })),
        questions: input.questions.map(questionIn),
        attestations: input.attestations.map((attested) => ({ ...attested, at: formatInstant(attested.at) })),
    }
}

function questionIn({ notedAt: _, unreached: __, answer, askedAt, answerBy, ...rest }: Opened["questions"][number]) {
    return {
        ...rest,
        askedAt: formatInstant(askedAt),
        answerBy: formatInstant(answerBy),
        answer: answer && { ...answer, at: formatInstant(answer.at) },
    }
}

async function evidenceIn(ctx: ActionContext, input: Opened): Promise<Pick<Bundle, "evidence" | "attributions">> {
    const evidence: Bundle["evidence"] = []
    const attributions: Bundle["attributions"] = []
    for (const id of input.evidence) {
        const { kind, name, source, note, clock, sha256, size, filedBy, ...rest } = await evidenceOf(ctx, id)
        const deletedAt = rest.deletedAt === null ? null : formatInstant(rest.deletedAt)
        const dates = { seenAt: formatInstant(rest.seenAt), filedAt: formatInstant(rest.filedAt), deletedAt }
        evidence.push({ id, kind, name, source, note, clock, sha256, size, filedBy, ...dates })
        for (const found of await attributionsOf(ctx, id)) {
            const { alpha, tests: versions, untested } = found.result
            const { numbers, documents } = await statedIn(ctx, found)
            attributions.push({
                id: found.id,
                evidence: id,
                verdict: found.verdict,
                at: formatInstant(found.at),
                alpha,
                versions,
                untested,
                shares,
                numbers: [...numbers],
                documents: [...documents],
                quoted: [...new Set(found.result.quoted?.found.map(({ recipient }) => recipient))],
            })
        }
    }
    return { evidence, attributions }
}

async function findingsIn(ctx: ActionContext, findings: readonly Finding[]): Promise<Bundle["findings"]> {
    const list: Bundle["findings"] = []
    const formatOrNull = (at: Instant | null) => (at === null ? null : formatInstant(at))
    for (const { state: _, ...rest } of findings) {
        const { effects, signedBy } = await approvalOf(ctx, rest.approval)
        const dates = { proposedAt: formatInstant(rest.proposedAt), confirmedAt: formatOrNull(rest.confirmedAt) }
        const obligation = rest.obligation && { ...rest.obligation }
        list.push({
            ...rest,
            ...dates,
            obligation,
            unheard: rest.unheard && { ...rest.unheard },
            signedBy: rest.confirmedAt === null ? null : signedBy,
            effects: { ...effects },
        })
    }
    return list
}

/** Lists the recipients that an attribution identifies. All others stay ids in the bundle. */
function namedIn({ numbers, documents, quoted }: Bundle["attributions"][number]): string[] {
    const identified = new Set(documents.flatMap(({ stated }) => stated.identified))
    return [...quoted, ...numbers.filter(({ number }) => identified.has(number)).map(({ recipient }) => recipient)]
}

const ids = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

/** Names the people and partners that are identified or were asked. All others stay ids. */
async function namesIn(
    ctx: ActionContext,
    input: Omit<Bundle, "format" | "madeAt" | "caution" | "names">,
): Promise<Bundle["names"]> {
    const message = canonical({
        ...input,
        attributions: input.attributions.map(namedIn),
        timing: null,
        attestations: input.attestations.filter((attestation) => attestation.of !== "recall"),
        leaves: input.leaves.filter(({ kind }) => kind !== "deletion.confirmed"),
    })
    const partners = await partnerNames(ctx)
    const names: Bundle["names"] = []
    for (const id of [...new Set(message.match(ids))].toSorted()) {
        const name = partners.get(id)?.name ?? (await personById(ctx, id))?.name
        if (name !== undefined) names.push({ id, name })
    }
    return [...names, ...(await namesOfContent(ctx, input))].toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** Loads the titles of the cases and the names of the artifacts in the report. */
async function namesOfContent(
    ctx: ActionContext,
    input: Pick<Bundle, "case" | "attributions" | "touches" | "provisions">,
): Promise<Bundle["names"]> {
    const { touches = [], provisions = [] } = input
    const cases = [
        ...new Set([
            input.case,
            ...touches.map((touch) => touch.case),
            ...provisions.map((provision) => provision.case),
        ]),
    ]
    const versions = [...input.attributions.flatMap(({ documents }) => documents), ...touches]
    const artifacts = new Set(versions.map(({ artifact }) => artifact))
    const files = await caseFiles(ctx, cases)
    const known: Bundle["names"] = files.map(({ id, title }) => ({ id, name: title }))
    for (const artifact of artifacts) {
        const { version } = versions.find((version) => version.artifact === artifact) ?? { version: null }
        known.push({ id: artifact, name: (await masterOf(ctx, artifact, version)).name })
    }
    return known
}
