/**
 * Discloses mark keys to an expert, who computes an attribution again with other software. A holder of the key can make
 * any copy and so incriminate any recipient. One investigator therefore requests the keys, another person signs, and
 * Tocsin gives them out once. The audit log keeps the requester, the purpose and the hash of the file, as a
 * confidential event. It never keeps the key.
 */
import { createHash } from "node:crypto"
import { type ExpertDocument, type ExpertFile, expertFormat, writeExpert } from "@tocsin/marks/expert"
import { noncesOf } from "@tocsin/marks/code"
import type { Findings } from "@tocsin/marks/evidence"
import { shares } from "@tocsin/marks/evidence/shares"
import { formatInstant } from "@tocsin/base/instant"
import { type Whose, whose } from "@tocsin/marks/recipient"
import { refuse } from "@tocsin/base/refusal"
import { type Master, masterOf } from "../../../share/artifacts/actions.ts"
import { type HandedOut, copiesHandedOut } from "../../../share/delivery/actions/list-exposure.ts"
import { type Custody, findCommitment, custodyOf } from "../../../share/marking/actions.ts"
import { requestApproval, useApproval } from "../../../trust/approvals/actions.ts"
import type { Effects } from "../../../trust/approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personOf } from "../../../kernel/actor.ts"
import { personsOf } from "../../../trust/identity/actions.ts"
import type { Person } from "../../../trust/identity/person.ts"
import { attributionWith } from "../actions.ts"
import { type Attribution, type Result, type Tested, namedIn } from "../attribution.ts"

export const opening = "marks.disclose_keys"

/** The purpose of the disclosure. A disclosure for an inquiry is visible to its members only. */
export interface OpenedFor {
    readonly attribution: string
    readonly inquiry: { readonly id: string; readonly members: readonly string[] } | null
}

export interface Opening {
    readonly done: boolean
    /** The approval that was signed, or that waits for a signature. */
    readonly approval: string
    /** The disclosed file, returned once and never stored. */
    readonly given: Given | null
}

export interface Given {
    /** The expert file, without names. */
    readonly file: string
    /** The recipients behind the numbers of the file. */
    readonly numbers: readonly (Whose & { readonly number: number })[]
}

/**
 * Requests the second signature or, with the approval, returns the expert file. The file covers every version that the
 * leak was recognised as, and no other. A person whom the attribution identifies neither requests nor signs. Refuses
 * `attribution.no_marked_copies` and `attribution.identifies_you`.
 */
export async function openMarks(ctx: ActionContext, openedFor: OpenedFor, signed?: string): Promise<Opening> {
    const found = await attributionWith(ctx, openedFor.attribution)
    const named = namedIn(found.result)
    if (named.includes(personOf(ctx.actor) ?? "")) {
        refuse(
            "forbidden",
            "attribution.identifies_you",
            "the attribution identifies one of your copies: leave this to another investigator",
        )
    }
    const opened = await openedBy(ctx, found)
    if (opened.length === 0) {
        refuse("conflict", "attribution.no_marked_copies", "the leak matches no version that was delivered with marks")
    }
    const authors = opened.map(({ master }) => master.author)
    const effects = effectsOf(openedFor, opened, authors)
    if (signed === undefined) {
        const onlyFor = await assertHasSigner(ctx, openedFor, { authors, named })
        return { done: false, approval: await requestApproval(ctx, { ...effects, onlyFor }), given: null }
    }
    await useApproval(ctx, signed, effects)
    const recipients = [...new Set(opened.flatMap(({ tested }) => recipientsOf(tested)))].toSorted()
    const file = writeExpert(expertFileOf(found, opened, recipients))
    const facts = {
        attribution: found.id,
        evidence: found.evidence,
        versions: opened.map(({ tested }) => `${tested.artifact}:${tested.version}`),
        inquiry: openedFor.inquiry?.id ?? null,
        approval: signed,
        file: createHash("sha256").update(file).digest("hex"),
    }
    await record(ctx, { kind: "marks.keys_disclosed", ...facts }, true)
    const numbers = recipients.map((recipient, i) => ({ number: i + 1, ...whose(recipient) }))
    return { done: true, approval: signed, given: { file, numbers } }
}

/** One version whose keys are disclosed. */
interface Opened {
    readonly tested: Tested
    readonly master: Master
    readonly custody: Custody
    readonly handedOut: readonly HandedOut[]
}

/** Loads the versions to disclose, with the best version first. */
async function openedBy(ctx: ActionContext, { result, at }: Attribution): Promise<Opened[]> {
    const opened: Opened[] = []
    for (const tested of result.best === null ? [] : [result.best, ...result.others]) {
        const master = await masterOf(ctx, tested.artifact, tested.version)
        const custody = await custodyOf(ctx, master)
        const handedOut = await copiesHandedOut(ctx, tested, at)
        if (custody !== null) opened.push({ tested, master, custody, handedOut })
    }
    return opened
}

function effectsOf(
    { attribution, inquiry }: OpenedFor,
    opened: readonly Opened[],
    authors: readonly string[],
): Effects {
    return {
        act: opening,
        recipients: [],
        at: null,
        authors,
        artifacts: opened.map(({ tested: { artifact, version } }) => ({ artifact, version })),
        detail: { attribution, inquiry: inquiry?.id ?? null },
    }
}

/**
 * Lists who may know of the disclosure: the inquiry's members, or else all investigators and approvers. Refuses
 * `attribution.no_signer` unless another of them can sign whom the attribution does not identify.
 */
async function assertHasSigner(
    ctx: ActionContext,
    { inquiry }: OpenedFor,
    { authors, named }: { readonly authors: readonly string[]; readonly named: readonly string[] },
): Promise<string[]> {
    const here = (await personsOf(ctx, null)).filter(({ id, leftAt }) => leftAt === null && !named.includes(id))
    const isIn = ({ id, roles }: Person) =>
        inquiry === null
            ? roles.some((role) => role === "investigator" || role === "approver")
            : inquiry.members.includes(id)
    const those = here.filter(isIn)
    const person = personOf(ctx.actor)
    if (!those.some(({ id, roles }) => id !== person && !authors.includes(id) && roles.includes("approver"))) {
        refuse(
            "conflict",
            "attribution.no_signer",
            "no other approver may know of this disclosure: add one to the inquiry or the staff first",
        )
    }
    return those.map(({ id }) => id)
}

/** The statements of an expert file about an attribution, without mark keys. */
export interface Stated {
    readonly numbers: readonly { readonly number: number; readonly recipient: string }[]
    readonly documents: readonly Pick<
        ExpertDocument,
        "artifact" | "version" | "epoch" | "manifest" | "share" | "before" | "read" | "stated"
    >[]
}

/** Returns the statements of an attribution, with the best version first. The caller records the look. */
export async function statedIn(ctx: ActionContext, { result }: Attribution): Promise<Stated> {
    const known: { readonly tested: Tested; readonly epoch: number; readonly manifest: string }[] = []
    for (const tested of result.best === null ? [] : [result.best, ...result.others]) {
        const committed = await findCommitment(ctx, tested.artifact, tested.version)
        if (committed !== null) known.push({ tested, ...committed })
    }
    const recipients = [...new Set(known.flatMap(({ tested }) => recipientsOf(tested)))].toSorted()
    return {
        numbers: recipients.map((recipient, i) => ({ number: i + 1, recipient })),
        documents: known.map(({ tested, epoch, manifest }) => ({
            artifact: tested.artifact,
            version: tested.version,
            epoch,
            manifest,
            ...concludedIn(tested, result, recipients),
        })),
    }
}

/** Sorts recipients by id, as they were weighed. */
const recipientsOf = ({ findings }: Tested): string[] => findings.ranking.map(({ recipient }) => recipient).toSorted()

function expertFileOf(
    { id, at, result }: Attribution,
    opened: readonly Opened[],
    recipients: readonly string[],
): ExpertFile {
    return {
        format: expertFormat,
        attribution: id,
        attributedAt: formatInstant(at),
        recipients: recipients.map((recipient, i) => ({
            number: i + 1,
            nonce: Buffer.from(noncesOf([recipient])).toString("hex"),
        })),
        documents: opened.map((item) => documentOf(item, result, recipients)),
        error: { alpha: result.alpha, versions: result.tests, shares },
    }
}

function documentOf(
    { tested, custody, handedOut }: Opened,
    result: Result,
    recipients: readonly string[],
): ExpertDocument {
    const { artifact, version } = tested
    const { epoch, colluders, key, master, manifest, committed, slots, book, planting } = custody
    const byName = Map.groupBy(handedOut, ({ recipient }) => recipient)
    return {
        artifact,
        version,
        epoch,
        colluders,
        key: Buffer.from(key).toString("hex"),
        master: master.toString("hex"),
        manifest: manifest.toString("hex"),
        ...(planting !== null && { canaries: { zone: planting.zone } }),
        committed: { ...committed, body: { ...committed.body } },
        slots: slots.map((slot) => ({ ...slot, variants: slot.variants.map((edits) => [...edits]) })),
        copies: recipientsOf(tested).map((recipient) => ({
            number: recipients.indexOf(recipient) + 1,
            word: [...book.wordOf(recipient)],
            delivered: (byName.get(recipient) ?? []).map(({ salt, copy }) => ({ salt, copy })),
        })),
        ...concludedIn(tested, result, recipients),
    }
}

/**
 * States the fresh slots of a later try, which an expert can compute again. States the results of earlier tries
 * separately.
 */
function concludedIn(
    tested: Tested,
    { alpha, tests }: Pick<Result, "alpha" | "tests">,
    recipients: readonly string[],
): Pick<ExpertDocument, "share" | "before" | "read" | "stated"> {
    const { symbols, findings, spending } = tested
    const factor = spending?.factor ?? null
    const before = factor?.before.map(([recipient, log10e]): [number, number] => {
        return [recipients.indexOf(recipient) + 1, log10e]
    })
    return {
        ...(findings.alpha !== alpha / tests && { share: findings.alpha / alpha }),
        ...(before !== undefined && { before }),
        read: [...(factor?.symbols ?? symbols)],
        stated: statedOf(tested, factor?.findings ?? findings, recipients),
    }
}

function statedOf(
    { findings: { verdict, identified } }: Tested,
    { slots, bar, ranking, together, unmarked }: Findings,
    recipients: readonly string[],
): ExpertDocument["stated"] {
    const numberOf = (recipient: string): number => recipients.indexOf(recipient) + 1
    const byNumber = <T extends readonly [number, ...unknown[]]>(a: T, b: T): number => a[0] - b[0]
    return {
        verdict,
        slots,
        bar,
        unmarked,
        log10e: ranking
            .map(({ recipient, log10e }): [number, number] => [numberOf(recipient), log10e])
            .toSorted(byNumber),
        identified: identified.map(numberOf).toSorted((a, b) => a - b),
        together: together.map((together) => ({
            recipients: together.recipients.map(numberOf),
            log10e: together.log10e,
        })),
    }
}
