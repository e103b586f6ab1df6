/**
 * Makes the report of an inquiry: one bundle that can be verified offline, and the same content as a page and a PDF. A
 * member makes it. The audit log records the report with the bundle's hash.
 */
import { createHash } from "node:crypto"
import { type Bundle, bundleFormat, touchKind, writeBundle } from "@tocsin/marks/bundle/bundle"
import { caution } from "@tocsin/marks/bundle/fixed-texts"
import { canonical } from "@tocsin/base/canonical"
import { shares } from "@tocsin/marks/evidence/shares"
import { commitmentKind } from "@tocsin/marks/expert"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { reportPage } from "../../../models/report-document-page.ts"
import type { ReportDocument } from "../../../models/report-document.ts"
import { findMaster } from "../../../share/artifacts/actions/load-artifacts.ts"
import { listCaseFiles } from "../../../share/cases/actions/load-case.ts"
import { loadApproval } from "../../../trust/approvals/actions/load-approvals.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { proveLeaves } from "../../../trust/audit-log/actions/export-log.ts"
import { findPerson } from "../../../trust/identity/actions/load-people.ts"
import { listNamesAndMails } from "../../../trust/partners/actions/load-facts.ts"
import { readAttributions } from "../../attribution/actions/load-attributions.ts"
import { loadStatements } from "../../attribution/actions/disclose-keys.ts"
import { loadEvidence } from "../../evidence/actions/load-evidence.ts"
import type { Finding } from "../inquiry.ts"
import { reportOf } from "../report.ts"
import { loadInstructionParts, loadTimingPart, loadTouches } from "./load-bundle-parts.ts"
import { type FullInquiry, loadInquiry } from "./open-inquiry.ts"

export interface Report {
    /** The whole bundle. */
    readonly bundle: string
    /** The report as HTML. */
    readonly page: string
    /** The report document, which becomes the PDF after all locks are released, because that takes long. */
    readonly document: ReportDocument
    readonly createdAt: Instant
    /** The bundle's SHA-256, in hex. */
    readonly sha256: string
}

/** Makes the report for a member. Refuses `inquiry.not_found` and `audit_log.too_many`. */
export async function makeReport(ctx: ActionContext, id: string): Promise<Report> {
    const inquiry = await loadInquiry(ctx, id)
    const parts = {
        ...inquiryPartsOf(inquiry),
        ...(await loadEvidenceParts(ctx, inquiry)),
        findings: await loadFindings(ctx, inquiry.findings),
        touches: await loadTouches(ctx, inquiry),
        timing: await loadTimingPart(ctx, inquiry),
        tracingInstructions: await loadInstructionParts(ctx, id),
    }
    const { head: checkpoint, leaves } = await loadLeaves(ctx, id, parts)
    const values = { ...checkpoint, ...parts, leaves: leaves.map((leaf) => ({ ...leaf, path: [...leaf.path] })) }
    const bundle: Bundle = {
        format: bundleFormat,
        createdAt: formatInstant(ctx.now),
        caution,
        ...values,
        names: await loadNames(ctx, values),
    }
    const file = writeBundle(bundle)
    const sha256 = createHash("sha256").update(file).digest("hex")
    await record(ctx, { kind: "inquiry.reported", inquiry: id, bundle: sha256 }, true)
    const document = reportOf(bundle, sha256)
    return { bundle: file, page: reportPage(document), document, createdAt: ctx.now, sha256 }
}

type BundleParts = Pick<Bundle, "evidence" | "attributions" | "findings" | "case" | "touches" | "tracingInstructions">

/** Lists the audit log leaves of this inquiry, without other inquiries about the same evidence. */
async function loadLeaves(ctx: ActionContext, inquiry: string, parts: BundleParts) {
    const { evidence, attributions, findings, case: caseId, touches, tracingInstructions } = parts
    const signed = [
        ...findings,
        ...tracingInstructions.flatMap((tracingInstruction) => [tracingInstruction, ...tracingInstruction.extensions]),
    ]
    const documents = attributions.flatMap((attribution) => attribution.documents)
    const sayings = [
        { kind: null, field: "inquiry", values: [inquiry] },
        { kind: null, field: "evidence", values: evidence.map(({ id }) => id) },
        { kind: null, field: "approval", values: signed.map(({ approval }) => approval) },
        { kind: touchKind, field: "touch", values: touches.map((touch) => touch.touch) },
        { kind: commitmentKind, field: "manifest", values: documents.map(({ manifest }) => manifest) },
        { kind: "deletion.confirmed", field: "case", values: [caseId] },
    ]
    return await proveLeaves(ctx, sayings, (body) => (body["inquiry"] ?? inquiry) === inquiry)
}

function inquiryPartsOf(inquiry: FullInquiry) {
    return {
        inquiry: inquiry.id,
        case: inquiry.case,
        title: inquiry.title,
        status: inquiry.status,
        members: [...inquiry.members],
        openedBy: inquiry.openedBy,
        openedAt: formatInstant(inquiry.openedAt),
        excluded: inquiry.excluded.map((exclusion) => ({ ...exclusion, at: formatInstant(exclusion.at) })),
        history: inquiry.history.map((entry) => ({ ...entry, at: formatInstant(entry.at) })),
        hypotheses: inquiry.hypotheses.map(({ salt = null, ...rest }) => ({ ...rest, salt })),
        questions: inquiry.questions.map(presentQuestion),
        attestations: inquiry.attestations.map((attestation) => ({
            ...attestation,
            at: formatInstant(attestation.at),
        })),
    }
}

function presentQuestion({
    readAt: _,
    unreached: __,
    answer,
    askedAt,
    answerBy,
    ...rest
}: FullInquiry["questions"][number]) {
    return {
        ...rest,
        askedAt: formatInstant(askedAt),
        answerBy: formatInstant(answerBy),
        answer: answer && { ...answer, at: formatInstant(answer.at) },
    }
}

async function loadEvidenceParts(
    ctx: ActionContext,
    inquiry: FullInquiry,
): Promise<Pick<Bundle, "evidence" | "attributions">> {
    const evidence: Bundle["evidence"] = []
    const attributions: Bundle["attributions"] = []
    for (const id of inquiry.evidence) {
        const { kind, name, source, note, clock, sha256, size, addedBy, ...rest } = await loadEvidence(ctx, id)
        const deletedAt = rest.deletedAt === null ? null : formatInstant(rest.deletedAt)
        const dates = { observedAt: formatInstant(rest.observedAt), addedAt: formatInstant(rest.addedAt), deletedAt }
        evidence.push({ id, kind, name, source, note, clock, sha256, size, addedBy, ...dates })
        for (const found of await readAttributions(ctx, id)) {
            const { alpha, tests: versions, untested } = found.result
            const { numbers, documents } = await loadStatements(ctx, found)
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

async function loadFindings(ctx: ActionContext, findings: readonly Finding[]): Promise<Bundle["findings"]> {
    const list: Bundle["findings"] = []
    const formatOrNull = (at: Instant | null) => (at === null ? null : formatInstant(at))
    for (const { state: _, ...rest } of findings) {
        const { effects, signedBy } = await loadApproval(ctx, rest.approval)
        const dates = { proposedAt: formatInstant(rest.proposedAt), confirmedAt: formatOrNull(rest.confirmedAt) }
        const obligation = rest.obligation && { ...rest.obligation }
        list.push({
            ...rest,
            ...dates,
            obligation,
            confirmedWithoutAnswer: rest.confirmedWithoutAnswer && { ...rest.confirmedWithoutAnswer },
            signedBy: rest.confirmedAt === null ? null : signedBy,
            effects: { ...effects },
        })
    }
    return list
}

/** Lists the recipients that an attribution identifies. All others stay ids in the bundle. */
function identifiedRecipientsOf({ numbers, documents, quoted }: Bundle["attributions"][number]): string[] {
    const identified = new Set(documents.flatMap(({ stated }) => stated.identified))
    return [...quoted, ...numbers.filter(({ number }) => identified.has(number)).map(({ recipient }) => recipient)]
}

const idPattern = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

/** Names the people and partners that are identified or got a question. All others stay ids. */
async function loadNames(
    ctx: ActionContext,
    content: Omit<Bundle, "format" | "createdAt" | "caution" | "names">,
): Promise<Bundle["names"]> {
    const canonicalText = canonical({
        ...content,
        attributions: content.attributions.map(identifiedRecipientsOf),
        timing: null,
        attestations: content.attestations.filter((attestation) => attestation.kind !== "recall"),
        leaves: content.leaves.filter(({ kind }) => kind !== "deletion.confirmed"),
    })
    const partners = await listNamesAndMails(ctx)
    const names: Bundle["names"] = []
    for (const id of [...new Set(canonicalText.match(idPattern))].toSorted()) {
        const name = partners.get(id)?.name ?? (await findPerson(ctx, id))?.name
        if (name !== undefined) names.push({ id, name })
    }
    return [...names, ...(await loadContentNames(ctx, content))].toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** The name of a case whose content was deleted, and of its artifacts. */
const deletedName = "content deleted"

/** Loads the titles of the cases and the names of the artifacts in the report. */
async function loadContentNames(
    ctx: ActionContext,
    content: Pick<Bundle, "case" | "attributions" | "touches" | "tracingInstructions">,
): Promise<Bundle["names"]> {
    const { touches, tracingInstructions } = content
    const cases = [
        ...new Set([
            content.case,
            ...touches.map((touch) => touch.case),
            ...tracingInstructions.map((tracingInstruction) => tracingInstruction.case),
        ]),
    ]
    const versions = [...content.attributions.flatMap(({ documents }) => documents), ...touches]
    const artifacts = new Set(versions.map(({ artifact }) => artifact))
    const files = await listCaseFiles(ctx, cases)
    const known: Bundle["names"] = files.map(({ id, title, contentDeletedAt }) => ({
        id,
        name: contentDeletedAt === null ? title : deletedName,
    }))
    for (const artifact of artifacts) {
        const { version } = versions.find((version) => version.artifact === artifact) ?? { version: null }
        const master = version === null ? null : await findMaster(ctx, artifact, version)
        known.push({ id: artifact, name: master?.name ?? deletedName })
    }
    return known
}
