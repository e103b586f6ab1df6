/**
 * A provision is chosen by one member, signed by another, and carried out: from then on the words of the class are drawn by it. Nobody
 * for whose copy the ledger or the inquiry's evidence speaks has a part in it.
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
import { wholeInquiry } from "../../inquiries/actions/inquiries.ts"
import { memberOf, memberOfOpen, mustBeOperator } from "../../inquiries/actions/membership.ts"
import { commitTo, keepWords, openWords } from "../../inquiries/actions/words.ts"
import { type Chosen, type Provision, mustBeReason } from "../provision.ts"
import * as store from "../store.ts"
import { proposalsFor } from "./proposing.ts"

/** Waits for another member's signature. Refuses what is not proposed now. */
export async function chooseOption(
    act: Act,
    inquiry: string,
    its: Omit<Chosen, "gain">,
): Promise<{ readonly provision: string; readonly approval: string }> {
    await memberOfOpen(act, inquiry)
    mustBeReason(its.reason)
    const gain = await gainOf(act, inquiry, its)
    const suspects = await suspectsOf(act, inquiry)
    const by = mustBeOperator(act)
    if (suspects.has(by)) {
        refuse("forbidden", "planning.suspects_you", "evidence speaks for a copy of yours: leave it to another member")
    }
    const onlyFor = await mustHaveSigner(act, inquiry, suspects)
    const id = act.doors.newId()
    const { box, words } = await keepWords(act, inquiry, placeOf(id), { ...its, gain })
    const approval = await requestApproval(act, { ...effectsOf(inquiry, id, words), onlyFor })
    await store.insertProvision(act.tx, inquiry, { id, words_box: box, approval, asked_by: by, asked_at: act.now })
    await record(act, { kind: "inquiry.planned", inquiry, provision: id, approval, words }, true)
    return { provision: id, approval }
}

/** Uses up the second signature. What is drawn already stays as it is; what is drawn from now on is drawn by it. */
export async function carryOutProvision(act: Act, inquiry: string, id: string): Promise<void> {
    await memberOfOpen(act, inquiry)
    const row = (await store.provisions(act.tx, inquiry)).find((one) => one.id === id)
    if (row === undefined) refuse("missing", "planning.unknown", "no such provision")
    const { salt, ...its } = await openWords<Chosen>(act, inquiry, placeOf(id), row.words_box)
    mustBeOpen(await closingOf(act, its.case))
    const words = commitTo(salt, { ...its })
    const { requestedBy, signedBy } = await useApproval(act, row.approval, effectsOf(inquiry, id, words))
    const suspects = await suspectsOf(act, inquiry)
    if ([mustBeOperator(act), requestedBy, signedBy ?? ""].some((one) => suspects.has(one))) {
        refuse("conflict", "planning.suspects_signer", "evidence speaks for a copy of one of the two by now: ask anew")
    }
    await layDesign(act, its, its.colluders)
    await store.setInForce(act.tx, id, act.now)
    await record(act, { kind: "inquiry.provided", inquiry, provision: id, words }, true)
}

/** For members, oldest first; the look is on record. */
export async function provisionsOf(act: Act, inquiry: string): Promise<Provision[]> {
    await memberOf(act, inquiry)
    const found: Provision[] = []
    for (const row of await store.provisions(act.tx, inquiry)) {
        const { salt: _, ...its } = await openWords<Chosen>(act, inquiry, placeOf(row.id), row.words_box)
        const state = stateOf(await approvalOf(act, row.approval), act.now)
        const { id, approval, asked_by: askedBy, asked_at: askedAt, in_force_at: inForceAt } = row
        found.push({ ...its, id, approval, state, askedBy, askedAt, inForceAt })
    }
    await record(act, { kind: "inquiry.read", inquiry, about: "provisions" }, true)
    return found
}

async function gainOf(act: Act, inquiry: string, its: Omit<Chosen, "gain">): Promise<number> {
    const all = await proposalsFor(act, inquiry, its.case, its.together)
    const options = all.find((one) => one.class === its.class)?.ranked ?? []
    const option = options.find(({ change }) => change.kind === "design" && change.colluders === its.colluders)
    return option?.gain ?? refuse("conflict", "planning.not_proposed", "this is not, or no more, what would tell more")
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

/** The members but for suspects, of whom another than the one who acts must be able to sign. */
async function mustHaveSigner(act: Act, inquiry: string, suspects: ReadonlySet<string>): Promise<string[]> {
    const { members } = await wholeInquiry(act, inquiry)
    const fit = members.filter((one) => !suspects.has(one))
    for (const one of fit) {
        const person = one === mustBeOperator(act) ? null : await personById(act, one)
        if (person?.leftAt === null && person.roles.includes("approver")) return fit
    }
    refuse("conflict", "planning.nobody_to_sign", "no other member without a part in it is an approver: bring one in")
}

const placeOf = (id: string): string => `inquiry_provisions.words:${id}`

function effectsOf(inquiry: string, provision: string, digest: string): Effects {
    return { act: "inquiry.provision", recipients: [], artifacts: [], at: null, detail: { inquiry, provision, digest } }
}
