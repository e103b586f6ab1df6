/**
 * Opens inquiries and works on them. For non-members, an inquiry does not exist. The audit log records each read of a
 * member as a confidential event.
 */
import { refuse } from "@tocsin/base/refusal"
import { encryptText, decryptText } from "../../../platform/crypto/vault.ts"
import { loadCaseFile } from "../../../share/cases/actions/load-case.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { findPerson } from "../../../trust/identity/actions/load-people.ts"
import { listEvidence, loadEvidence } from "../../evidence/actions/load-evidence.ts"
import type { Exclusion, HistoryEntry } from "../history.ts"
import {
    type Finding,
    type Hypothesis,
    type Inquiry,
    type HypothesisAssessment,
    validateTitle,
    initialHypotheses,
    withAssessment,
    committedFieldsOf,
} from "../inquiry.ts"
import type { QuestionWithDelivery } from "../question.ts"
import * as store from "../store/inquiries.ts"
import { type Attestation, listAttestations } from "./load-attestations.ts"
import { listFindings } from "./propose-finding.ts"
import { excludePerson, listExclusions, assertNotExcluded } from "./exclude-person.ts"
import {
    loadStatus,
    lockInquiryAsMember,
    lockOpenInquiryAsMember,
    assertOperator,
    inquiryScope,
} from "./check-membership.ts"
import { listQuestions } from "./ask-question.ts"
import { listHistory } from "./change-status.ts"
import { commitTo, newSalt } from "./encrypt-texts.ts"

export interface NewInquiry {
    readonly case: string
    readonly title: string
    readonly evidence: readonly string[]
    /** Staff members, besides the person who opens it. */
    readonly members: readonly string[]
    /** People with a stake, excluded from the start. */
    readonly excluded?: readonly { readonly person: string; readonly reason: string }[]
}

interface Details {
    readonly title: string
    readonly hypotheses: readonly Hypothesis[]
}

/**
 * Whether any inquiry into leaks of this case, or with any evidence of it, is open. The caller must not show it to
 * people outside the inquiry.
 */
export async function hasOpenInquiry(ctx: ActionContext, caseId: string): Promise<boolean> {
    const evidence = (await listEvidence(ctx)).filter((item) => item.case === caseId)
    return await store.hasOpenInquiry(
        ctx.tx,
        caseId,
        evidence.map(({ id }) => id),
    )
}

/** Whether any of these findings is about this case. The caller must not show it to people outside the inquiry. */
export const hasFindingAmong = ({ tx }: ActionContext, caseId: string, findings: readonly string[]): Promise<boolean> =>
    store.hasFindingAmong(tx, caseId, findings)

/**
 * Returns the cases of all inquiries with this evidence, open or closed. The caller must not show them to people
 * outside the inquiry.
 */
export const listInquiryCases = ({ tx }: ActionContext, evidence: string): Promise<string[]> =>
    store.listCasesOfEvidence(tx, evidence)

/** Opens an inquiry with the competing hypotheses, and returns its id. */
export async function openInquiry(ctx: ActionContext, input: NewInquiry): Promise<string> {
    const person = assertOperator(ctx)
    validateTitle(input.title)
    await loadCaseFile(ctx, input.case)
    const id = ctx.services.newId()
    const details: Details = { title: input.title.trim(), hypotheses: initialHypotheses }
    const details_ciphertext = await encryptDetails(ctx, id, details)
    await store.insertInquiry(ctx.tx, {
        id,
        case_id: input.case,
        details_ciphertext,
        opened_by: person,
        opened_at: ctx.now,
    })
    await store.insertMembers(ctx.tx, id, [person], ctx.now)
    await record(ctx, { kind: "inquiry.opened", inquiry: id, case: input.case }, true)
    for (const item of input.excluded ?? []) await excludePerson(ctx, id, item.person, item.reason)
    await addToInquiry(ctx, id, input)
    return id
}

/** Adds members and evidence. */
export async function addToInquiry(
    ctx: ActionContext,
    id: string,
    { members, evidence }: Pick<NewInquiry, "members" | "evidence">,
): Promise<void> {
    await lockOpenInquiryAsMember(ctx, id)
    await assertNotExcluded(ctx, id, members)
    for (const member of members) await assertEligibleMember(ctx, member)
    for (const item of evidence) await loadEvidence(ctx, item)
    if (members.length + evidence.length === 0) return
    await store.insertMembers(ctx.tx, id, members, ctx.now)
    await store.insertEvidence(ctx.tx, id, evidence)
    await record(ctx, { kind: "inquiry.expanded", inquiry: id, members, evidence }, true)
}

/** Checks that all members are investigators or approvers. Refuses `inquiry.bad_member`. */
async function assertEligibleMember(ctx: ActionContext, id: string): Promise<void> {
    const person = await findPerson(ctx, id)
    const isEligible = person?.roles.some((role) => role === "investigator" || role === "approver") ?? false
    if (!isEligible || person?.partner !== null || person.leftAt !== null) {
        refuse("invalid", "inquiry.bad_member", "a member must be an investigator or approver on the staff")
    }
}

export interface FullInquiry extends Inquiry {
    readonly findings: readonly Finding[]
    readonly questions: readonly QuestionWithDelivery[]
    readonly excluded: readonly Exclusion[]
    readonly history: readonly HistoryEntry[]
    readonly attestations: readonly Attestation[]
}

/** Reads one inquiry and records the read. */
export async function readInquiry(ctx: ActionContext, id: string): Promise<FullInquiry> {
    const inquiry = await loadInquiry(ctx, id)
    await record(ctx, { kind: "inquiry.read", inquiry: id }, true)
    return inquiry
}

/** Reads one inquiry for a member. The caller records the read. */
export async function loadInquiry(ctx: ActionContext, id: string): Promise<FullInquiry> {
    const inquiry = await decryptInquiry(ctx, await lockInquiryAsMember(ctx, id))
    const [findings, questions] = [await listFindings(ctx, id), await listQuestions(ctx, id)]
    const identifiedPartners = findings.flatMap(({ partner }) => partner ?? [])
    return {
        ...inquiry,
        findings,
        questions,
        excluded: await listExclusions(ctx, id),
        history: await listHistory(ctx, id),
        attestations: await listAttestations(ctx, inquiry.case, questions, identifiedPartners),
    }
}

/** Lists the inquiries of the acting member, newest first, and records the read. */
export async function listMemberInquiries(ctx: ActionContext): Promise<Inquiry[]> {
    const found: Inquiry[] = []
    for (const row of await store.listInquiries(ctx.tx, assertOperator(ctx))) found.push(await decryptInquiry(ctx, row))
    const ids = found.map((inquiry) => inquiry.id)
    if (ids.length > 0) await record(ctx, { kind: "inquiry.listed", inquiries: ids }, true)
    return found
}

/** Sets the arguments for and against one hypothesis, and its prior weight. */
export async function weighHypothesis(
    ctx: ActionContext,
    id: string,
    key: string,
    assessment: HypothesisAssessment,
): Promise<void> {
    const { title, hypotheses } = await decryptDetails(ctx, await lockOpenInquiryAsMember(ctx, id))
    const salt = newSalt(ctx)
    const after = withAssessment(hypotheses, key, assessment, salt)
    await store.setDetails(ctx.tx, id, await encryptDetails(ctx, id, { title, hypotheses: after }))
    const commitment =
        after.flatMap((hypothesis) =>
            hypothesis.key === key ? commitTo(salt, committedFieldsOf(hypothesis)) : [],
        )[0] ?? null
    await record(ctx, { kind: "inquiry.hypothesis_weighted", inquiry: id, hypothesis: key, text: commitment }, true)
}

async function decryptInquiry(ctx: ActionContext, row: store.InquiryRow): Promise<Inquiry> {
    return {
        ...(await decryptDetails(ctx, row)),
        id: row.id,
        case: row.case_id,
        members: await store.listMembers(ctx.tx, row.id),
        evidence: await store.listEvidence(ctx.tx, row.id),
        openedBy: row.opened_by,
        openedAt: row.opened_at,
        status: await loadStatus(ctx, row.id),
    }
}

const placeOf = (id: string): string => `inquiries.details:${id}`

async function encryptDetails(ctx: ActionContext, id: string, details: Details): Promise<Buffer> {
    return await encryptText(ctx.tx, ctx.services.keys, inquiryScope(id), placeOf(id), JSON.stringify(details))
}

async function decryptDetails(ctx: ActionContext, row: store.InquiryRow): Promise<Details> {
    const text = await decryptText(
        ctx.tx,
        ctx.services.keys,
        inquiryScope(row.id),
        placeOf(row.id),
        row.details_ciphertext,
    )
    return JSON.parse(text) as Details
}
