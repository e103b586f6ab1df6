/**
 * A provision is chosen by one member, signed by another, and carried out: from then on the words of the class are drawn by it. Nobody
 * for whose copy the ledger or the inquiry's evidence speaks has a part in it, and who that is no request tells.
 */
import { apart } from "../../../lib/recipient.ts"
import { refuse } from "../../../lib/refusal.ts"
import { closingOf } from "../../../share/cases/actions.ts"
import { mustBeOpen } from "../../../share/cases/case.ts"
import { layDesign } from "../../../share/marking/actions/laying.ts"
import { approval as approvalOf, requestApproval, useApproval } from "../../../trust/approvals/actions.ts"
import { type Effects, stateOf } from "../../../trust/approvals/approval.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { personById } from "../../../trust/identity/actions.ts"
import { namedBy } from "../../attribution/actions/by-two.ts"
import { readLedger } from "../../attribution/actions/ledger.ts"
import { type Asked, type Carried, type Carrying, type Chosen, type Provision, endOf } from "../provision.ts"
import * as store from "../store/provisions.ts"
import { wholeInquiry } from "./inquiries.ts"
import { memberOf, memberOfOpen, mustBeOperator } from "./membership.ts"
import { commitTo, keepWords, openWords } from "./words.ts"

/** Waits for another member's signature. */
export async function askForProvision(
    act: Act,
    inquiry: string,
    its: Chosen,
): Promise<{ readonly provision: string; readonly approval: string }> {
    await memberOfOpen(act, inquiry)
    const id = act.doors.newId()
    const { box, words } = await keepWords(act, inquiry, placeOf(id), { ...its })
    const approval = await askOfOthers(act, inquiry, effectsOf(inquiry, id, words))
    const row = { id, text_ciphertext: box, approval, requested_by: mustBeOperator(act), requested_at: act.now }
    await store.insertProvision(act.tx, inquiry, row)
    await record(act, { kind: "tracing_instruction.proposed", inquiry, provision: id, approval, words }, true)
    return { provision: id, approval }
}

/** Uses up the second signature. What is drawn already stays as it is; what is drawn from now on is drawn by it. */
export async function carryOutProvision(act: Act, inquiry: string, id: string): Promise<void> {
    await memberOfOpen(act, inquiry)
    const row = (await store.provisions(act.tx, inquiry)).find((one) => one.id === id) ?? unknownProvision()
    const { salt, ...its } = await openWords<Chosen>(act, inquiry, placeOf(id), row.text_ciphertext)
    mustBeOpen(await closingOf(act, its.case))
    const words = commitTo(salt, { ...its })
    const { requestedBy, signedBy } = await useApproval(act, row.approval, effectsOf(inquiry, id, words))
    await mustBeNoSuspects(act, inquiry, [requestedBy, signedBy])
    const laid = await layDesign(act, its, its.colluders)
    await store.setInForce(act.tx, id, laid, act.now)
    await record(act, { kind: "tracing_instruction.activated", inquiry, provision: id, words }, true)
}

export function unknownProvision(): never {
    refuse("missing", "inquiry.instruction_not_found", "no such provision")
}

/** For members, oldest first; the look is on record. */
export async function provisionsOf(act: Act, inquiry: string): Promise<Provision[]> {
    await memberOf(act, inquiry)
    const found = await allProvisions(act, inquiry)
    await record(act, { kind: "inquiry.read", inquiry, about: "provisions" }, true)
    return found
}

/** For actions that have let the member in, and record themselves what they did with it. */
export async function allProvisions(act: Act, inquiry: string): Promise<Provision[]> {
    const carryings = new Map<string, Carried[]>()
    for (const row of await store.carryings(act.tx, inquiry)) {
        const its = await openWords<Carrying>(act, inquiry, carryingPlaceOf(row.id), row.text_ciphertext)
        const one = { ...its, ...(await askedIn(act, row)), carriedAt: row.extended_at }
        carryings.set(row.provision, [...(carryings.get(row.provision) ?? []), one])
    }
    const found: Provision[] = []
    for (const row of await store.provisions(act.tx, inquiry)) {
        const its = await openWords<Chosen>(act, inquiry, placeOf(row.id), row.text_ciphertext)
        const carried = carryings.get(row.id) ?? []
        const when = { inForceAt: row.activated_at, endedAt: endOf(row.ended_at, carried, act.now) }
        found.push({ ...its, ...(await askedIn(act, row)), ...when, carryings: carried })
    }
    return found
}

async function askedIn(act: Act, row: store.ProvisionRow | store.CarryingRow): Promise<Omit<Asked, "salt">> {
    const { id, approval, requested_by: askedBy, requested_at: askedAt } = row
    return { id, approval, state: stateOf(await approvalOf(act, approval), act.now), askedBy, askedAt }
}

/**
 * Asks the other members but suspects. Whoever is shown the request sees that it is for the members, and not which of them it is
 * withheld from. A refusal tells more to whoever asks: that is an investigator, who may read the ledger.
 */
export async function askOfOthers(act: Act, inquiry: string, effects: Effects): Promise<string> {
    const suspects = await suspectsOf(act, inquiry)
    const by = mustBeOperator(act)
    if (suspects.has(by)) {
        refuse(
            "forbidden",
            "inquiry.you_are_candidate",
            "evidence speaks for a copy of yours: leave it to another member",
        )
    }
    const { members } = await wholeInquiry(act, inquiry)
    const withheld = members.filter((one) => suspects.has(one))
    await mustHaveSigner(
        act,
        members.filter((one) => one !== by && !suspects.has(one)),
    )
    return await requestApproval(act, { ...effects, onlyFor: members }, null, withheld)
}

async function mustHaveSigner(act: Act, others: readonly string[]): Promise<void> {
    for (const one of others) {
        const person = await personById(act, one)
        if (person?.leftAt === null && person.roles.includes("approver")) return
    }
    refuse(
        "conflict",
        "inquiry.no_eligible_signer",
        "no other member without a part in it is an approver: bring one in",
    )
}

/** Neither whoever acts nor any of these: it may speak against one since it was asked or signed. */
export async function mustBeNoSuspects(act: Act, inquiry: string, persons: readonly (string | null)[]): Promise<void> {
    const suspects = await suspectsOf(act, inquiry)
    if ([mustBeOperator(act), ...persons].some((one) => one !== null && suspects.has(one))) {
        refuse(
            "conflict",
            "inquiry.signer_is_candidate",
            "evidence speaks for a copy of one of those behind it by now: ask anew",
        )
    }
}

/** Persons of the operator for whose copy the ledger speaks, be it little, or whom evidence of the inquiry names. */
async function suspectsOf(act: Act, inquiry: string): Promise<ReadonlySet<string>> {
    const { ranking } = await readLedger(act)
    const spoken = ranking.filter(({ log10e }) => log10e > 0).map(({ recipient }) => recipient)
    const suspects = new Set(apart(spoken).persons)
    for (const one of (await wholeInquiry(act, inquiry)).evidence) {
        for (const person of await namedBy(act, one)) suspects.add(person)
    }
    return suspects
}

const placeOf = (id: string): string => `inquiry_provisions.words:${id}`
export const carryingPlaceOf = (id: string): string => `inquiry_carryings.words:${id}`

function effectsOf(inquiry: string, provision: string, digest: string): Effects {
    return {
        act: "tracing_instruction.activate",
        recipients: [],
        artifacts: [],
        at: null,
        detail: { inquiry, provision, digest },
    }
}
