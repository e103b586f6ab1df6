/**
 * Opens inquiries and works on them. For whoever is no member an inquiry does not exist; each look of a member is on
 * record, sealed.
 */
import { refuse } from "../../../lib/refusal.ts"
import { seal, unseal } from "../../../platform/vault.ts"
import { caseFile } from "../../../share/cases/actions.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { personById } from "../../../trust/identity/actions.ts"
import { evidenceOf as evidenceKept } from "../../evidence/actions.ts"
import type { KeptOut, Turn } from "../course.ts"
import {
    type Finding,
    type Hypothesis,
    type Inquiry,
    type Weighing,
    mustBeTitle,
    rivals,
    weighed,
    wordsOf,
} from "../inquiry.ts"
import type { HeardQuestion } from "../question.ts"
import * as store from "../store.ts"
import { type Attested, attestationsOf } from "./attestations.ts"
import { findingsOf } from "./findings.ts"
import { keepOut, keptOutOf, mustNotBeKeptOut } from "./keeping-out.ts"
import { courseNow, memberOf, memberOfOpen, mustBeOperator, sealedWith } from "./membership.ts"
import { questionsOf } from "./questions.ts"
import { turnsOf } from "./turns.ts"
import { commitTo, newSalt } from "./words.ts"

export interface NewInquiry {
    readonly case: string
    readonly title: string
    readonly evidence: readonly string[]
    /** Persons of the operator, besides whoever opens it. */
    readonly members: readonly string[]
    /** Who has a stake, before anybody is let in. */
    readonly excluded?: readonly { readonly person: string; readonly reason: string }[]
}

interface Details {
    readonly title: string
    readonly hypotheses: readonly Hypothesis[]
}

/** With the rival explanations, none of them looked at yet. Returns the inquiry's id. */
export async function openInquiry(act: Act, input: NewInquiry): Promise<string> {
    const person = mustBeOperator(act)
    mustBeTitle(input.title)
    await caseFile(act, input.case)
    const id = act.doors.newId()
    const details: Details = { title: input.title.trim(), hypotheses: rivals }
    const details_ciphertext = await sealDetails(act, id, details)
    await store.insertInquiry(act.tx, {
        id,
        case_id: input.case,
        details_ciphertext,
        opened_by: person,
        opened_at: act.now,
    })
    await store.insertMembers(act.tx, id, [person], act.now)
    await record(act, { kind: "inquiry.opened", inquiry: id, case: input.case }, true)
    for (const one of input.excluded ?? []) await keepOut(act, id, one.person, one.reason)
    await addToInquiry(act, id, input)
    return id
}

/** A member brings in more members, and more evidence. */
export async function addToInquiry(
    act: Act,
    id: string,
    { members, evidence }: Pick<NewInquiry, "members" | "evidence">,
): Promise<void> {
    await memberOfOpen(act, id)
    await mustNotBeKeptOut(act, id, members)
    for (const one of members) await mustBeFit(act, one)
    for (const one of evidence) await evidenceKept(act, one)
    if (members.length + evidence.length === 0) return
    await store.insertMembers(act.tx, id, members, act.now)
    await store.insertEvidence(act.tx, id, evidence)
    await record(act, { kind: "inquiry.expanded", inquiry: id, members, evidence }, true)
}

/** Whoever could not read it is no use as a member; a partner's person is never one. */
async function mustBeFit(act: Act, id: string): Promise<void> {
    const person = await personById(act, id)
    const fit = person?.roles.some((role) => role === "investigator" || role === "approver") ?? false
    if (!fit || person?.partner !== null || person.leftAt !== null) {
        refuse("invalid", "inquiry.bad_member", "a member is an investigator or an approver of the operator")
    }
}

export interface Opened extends Inquiry {
    readonly findings: readonly Finding[]
    readonly questions: readonly HeardQuestion[]
    readonly excluded: readonly KeptOut[]
    readonly turns: readonly Turn[]
    readonly attestations: readonly Attested[]
}

/** One inquiry; the look is on record. */
export async function readInquiry(act: Act, id: string): Promise<Opened> {
    const its = await wholeInquiry(act, id)
    await record(act, { kind: "inquiry.read", inquiry: id }, true)
    return its
}

/** For members, and for actions that record themselves what they did with it. */
export async function wholeInquiry(act: Act, id: string): Promise<Opened> {
    const its = await present(act, await memberOf(act, id))
    const [findings, questions] = [await findingsOf(act, id), await questionsOf(act, id)]
    const named = findings.flatMap(({ partner }) => partner ?? [])
    return {
        ...{ ...its, findings, questions, excluded: await keptOutOf(act, id), turns: await turnsOf(act, id) },
        attestations: await attestationsOf(act, its.case, questions, named),
    }
}

/** Those that the acting person is a member of, newest first; the look is on record. */
export async function ownInquiries(act: Act): Promise<Inquiry[]> {
    const found: Inquiry[] = []
    for (const row of await store.inquiriesOf(act.tx, mustBeOperator(act))) found.push(await present(act, row))
    const ids = found.map((one) => one.id)
    if (ids.length > 0) await record(act, { kind: "inquiry.listed", inquiries: ids }, true)
    return found
}

/** What speaks for and against one of the explanations, and its weight. */
export async function weighHypothesis(act: Act, id: string, key: string, words: Weighing): Promise<void> {
    const { title, hypotheses } = await openDetails(act, await memberOfOpen(act, id))
    const salt = newSalt(act)
    const after = weighed(hypotheses, key, words, salt)
    await store.setDetails(act.tx, id, await sealDetails(act, id, { title, hypotheses: after }))
    const committed = after.flatMap((one) => (one.key === key ? commitTo(salt, wordsOf(one)) : []))[0] ?? null
    await record(act, { kind: "inquiry.hypothesis_weighted", inquiry: id, hypothesis: key, words: committed }, true)
}

async function present(act: Act, row: store.InquiryRow): Promise<Inquiry> {
    return {
        ...(await openDetails(act, row)),
        id: row.id,
        case: row.case_id,
        members: await store.members(act.tx, row.id),
        evidence: await store.evidenceOf(act.tx, row.id),
        openedBy: row.opened_by,
        openedAt: row.opened_at,
        course: await courseNow(act, row.id),
    }
}

const placeOf = (id: string): string => `inquiries.details:${id}`

async function sealDetails(act: Act, id: string, details: Details): Promise<Buffer> {
    return await seal(act.tx, act.doors.keys, sealedWith(id), placeOf(id), JSON.stringify(details))
}

async function openDetails(act: Act, row: store.InquiryRow): Promise<Details> {
    const text = await unseal(act.tx, act.doors.keys, sealedWith(row.id), placeOf(row.id), row.details_ciphertext)
    return JSON.parse(text) as Details
}
