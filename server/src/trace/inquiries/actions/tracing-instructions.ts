/**
 * A provision is chosen by one member, signed by another, and carried out: from then on the words of the class are drawn by it. Nobody
 * for whose copy the ledger or the inquiry's evidence speaks has a part in it, and who that is no request tells.
 */
import { apart } from "@tocsin/marks/recipient"
import { refuse } from "@tocsin/base/refusal"
import { closingOf } from "../../../share/cases/actions.ts"
import { assertOpen } from "../../../share/cases/case.ts"
import { layDesign } from "../../../share/marking/actions/set-code-design.ts"
import { approval as approvalOf, requestApproval, useApproval } from "../../../trust/approvals/actions.ts"
import { type Effects, stateOf } from "../../../trust/approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personById } from "../../../trust/identity/actions.ts"
import { namedBy } from "../../attribution/actions/approve-alpha.ts"
import { readLedger } from "../../attribution/actions/cross-case-evidence.ts"
import { type Asked, type Carried, type Carrying, type Chosen, type Provision, endOf } from "../tracing-instruction.ts"
import * as store from "../store/tracing-instructions.ts"
import { wholeInquiry } from "./open-inquiry.ts"
import { memberOf, memberOfOpen, assertOperator } from "./check-membership.ts"
import { commitTo, saveTexts, openWords } from "./load-texts.ts"

/** Waits for another member's signature. */
export async function askForProvision(
    ctx: ActionContext,
    inquiry: string,
    chosen: Chosen,
): Promise<{ readonly provision: string; readonly approval: string }> {
    await memberOfOpen(ctx, inquiry)
    const id = ctx.services.newId()
    const { box, words: text } = await saveTexts(ctx, inquiry, placeOf(id), { ...chosen })
    const approval = await askOfOthers(ctx, inquiry, effectsOf(inquiry, id, text))
    const row = { id, text_ciphertext: box, approval, requested_by: assertOperator(ctx), requested_at: ctx.now }
    await store.insertProvision(ctx.tx, inquiry, row)
    await record(ctx, { kind: "tracing_instruction.proposed", inquiry, provision: id, approval, words: text }, true)
    return { provision: id, approval }
}

/** Uses up the second signature. What is drawn already stays as it is; what is drawn from now on is drawn by it. */
export async function applyInstruction(ctx: ActionContext, inquiry: string, id: string): Promise<void> {
    await memberOfOpen(ctx, inquiry)
    const row =
        (await store.listProvisions(ctx.tx, inquiry)).find((provision) => provision.id === id) ?? unknownProvision()
    const { salt, ...rest } = await openWords<Chosen>(ctx, inquiry, placeOf(id), row.text_ciphertext)
    assertOpen(await closingOf(ctx, rest.case))
    const commit = commitTo(salt, { ...rest })
    const { requestedBy, signedBy } = await useApproval(ctx, row.approval, effectsOf(inquiry, id, commit))
    await assertNoCandidates(ctx, inquiry, [requestedBy, signedBy])
    const laid = await layDesign(ctx, rest, rest.colluders)
    await store.setInForce(ctx.tx, id, laid, ctx.now)
    await record(ctx, { kind: "tracing_instruction.activated", inquiry, provision: id, words: commit }, true)
}

export function unknownProvision(): never {
    refuse("missing", "inquiry.instruction_not_found", "no such provision")
}

/** For members, oldest first; the look is on record. */
export async function provisionsOf(ctx: ActionContext, inquiry: string): Promise<Provision[]> {
    await memberOf(ctx, inquiry)
    const found = await allProvisions(ctx, inquiry)
    await record(ctx, { kind: "inquiry.read", inquiry, about: "provisions" }, true)
    return found
}

/** For actions that have let the member in, and record themselves what they did with it. */
export async function allProvisions(ctx: ActionContext, inquiry: string): Promise<Provision[]> {
    const carryings = new Map<string, Carried[]>()
    for (const row of await store.listCarryings(ctx.tx, inquiry)) {
        const input = await openWords<Carrying>(ctx, inquiry, carryingPlaceOf(row.id), row.text_ciphertext)
        const item = { ...input, ...(await askedIn(ctx, row)), carriedAt: row.extended_at }
        carryings.set(row.provision, [...(carryings.get(row.provision) ?? []), item])
    }
    const found: Provision[] = []
    for (const row of await store.listProvisions(ctx.tx, inquiry)) {
        const input = await openWords<Chosen>(ctx, inquiry, placeOf(row.id), row.text_ciphertext)
        const carried = carryings.get(row.id) ?? []
        const when = { inForceAt: row.activated_at, endedAt: endOf(row.ended_at, carried, ctx.now) }
        found.push({ ...input, ...(await askedIn(ctx, row)), ...when, carryings: carried })
    }
    return found
}

async function askedIn(ctx: ActionContext, row: store.ProvisionRow | store.CarryingRow): Promise<Omit<Asked, "salt">> {
    const { id, approval, requested_by: askedBy, requested_at: askedAt } = row
    return { id, approval, state: stateOf(await approvalOf(ctx, approval), ctx.now), askedBy, askedAt }
}

/**
 * Asks the other members but suspects. Whoever is shown the request sees that it is for the members, and not which of them it is
 * withheld from. A refusal tells more to whoever asks: that is an investigator, who may read the ledger.
 */
export async function askOfOthers(ctx: ActionContext, inquiry: string, effects: Effects): Promise<string> {
    const suspects = await suspectsOf(ctx, inquiry)
    const by = assertOperator(ctx)
    if (suspects.has(by)) {
        refuse(
            "forbidden",
            "inquiry.you_are_candidate",
            "evidence speaks for a copy of yours: leave it to another member",
        )
    }
    const { members } = await wholeInquiry(ctx, inquiry)
    const withheld = members.filter((member) => suspects.has(member))
    await assertHasSigner(
        ctx,
        members.filter((member) => member !== by && !suspects.has(member)),
    )
    return await requestApproval(ctx, { ...effects, onlyFor: members }, null, withheld)
}

async function assertHasSigner(ctx: ActionContext, others: readonly string[]): Promise<void> {
    for (const item of others) {
        const person = await personById(ctx, item)
        if (person?.leftAt === null && person.roles.includes("approver")) return
    }
    refuse(
        "conflict",
        "inquiry.no_eligible_signer",
        "no other member without a part in it is an approver: bring one in",
    )
}

/** Neither whoever acts nor any of these: it may speak against one since it was asked or signed. */
export async function assertNoCandidates(
    ctx: ActionContext,
    inquiry: string,
    persons: readonly (string | null)[],
): Promise<void> {
    const suspects = await suspectsOf(ctx, inquiry)
    if ([assertOperator(ctx), ...persons].some((item) => item !== null && suspects.has(item))) {
        refuse(
            "conflict",
            "inquiry.signer_is_candidate",
            "evidence speaks for a copy of one of those behind it by now: ask anew",
        )
    }
}

/** Persons of the operator for whose copy the ledger speaks, be it little, or whom evidence of the inquiry names. */
async function suspectsOf(ctx: ActionContext, inquiry: string): Promise<ReadonlySet<string>> {
    const { ranking } = await readLedger(ctx)
    const spoken = ranking.filter(({ log10e }) => log10e > 0).map(({ recipient }) => recipient)
    const suspects = new Set(apart(spoken).persons)
    for (const item of (await wholeInquiry(ctx, inquiry)).evidence) {
        for (const person of await namedBy(ctx, item)) suspects.add(person)
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
