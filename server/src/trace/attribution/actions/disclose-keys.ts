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
import { type CopyOwner, ownerOf } from "@tocsin/marks/recipient"
import { refuse } from "@tocsin/base/refusal"
import { type Master, loadMaster } from "../../../share/artifacts/actions/load-artifacts.ts"
import { type CopyCommitment, listCopyCommitments } from "../../../share/delivery/actions/list-exposure.ts"
import { type MarkKeys, findCommitment, loadMarkKeys } from "../../../share/marking/actions/load-mark-keys.ts"
import { requestApproval, applyApproval } from "../../../trust/approvals/actions/request-approval.ts"
import type { Effects } from "../../../trust/approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personOf } from "../../../kernel/actor.ts"
import { listPeople } from "../../../trust/identity/actions/load-people.ts"
import type { Person } from "../../../trust/identity/person.ts"
import { loadAttribution } from "./load-attributions.ts"
import { type Attribution, type AttributionResult, type TestedVersion, identifiedStaffOf } from "../attribution.ts"

export const disclosureAction = "marks.disclose_keys"

/** The purpose of the disclosure. A disclosure for an inquiry is visible to its members only. */
export interface DisclosurePurpose {
    readonly attribution: string
    readonly inquiry: { readonly id: string; readonly members: readonly string[] } | null
}

export interface DisclosureOutcome {
    readonly done: boolean
    /** The approval that was signed, or that waits for a signature. */
    readonly approval: string
    /** The disclosed file, returned once and never stored. */
    readonly disclosed: DisclosedKeys | null
}

export interface DisclosedKeys {
    /** The expert file, without names. */
    readonly file: string
    /** The recipients behind the numbers of the file. */
    readonly numbers: readonly (CopyOwner & { readonly number: number })[]
}

/**
 * Requests the second signature or, with the approval, returns the expert file. The file covers every version that the
 * leak was recognised as, and no other. A person whom the attribution identifies neither requests nor signs. Refuses
 * `attribution.no_marked_copies` and `attribution.identifies_you`.
 */
export async function discloseKeys(
    ctx: ActionContext,
    purpose: DisclosurePurpose,
    approvalId?: string,
): Promise<DisclosureOutcome> {
    const attribution = await loadAttribution(ctx, purpose.attribution)
    const identified = identifiedStaffOf(attribution.result)
    if (identified.includes(personOf(ctx.actor) ?? "")) {
        refuse(
            "forbidden",
            "attribution.identifies_you",
            "the attribution identifies one of your copies: leave this to another investigator",
        )
    }
    const versions = await loadDisclosedVersions(ctx, attribution)
    if (versions.length === 0) {
        refuse("conflict", "attribution.no_marked_copies", "the leak matches no version that was delivered with marks")
    }
    const authors = versions.map(({ master }) => master.author)
    const effects = effectsOf(purpose, versions, authors)
    if (approvalId === undefined) {
        const onlyFor = await assertHasSigner(ctx, purpose, { authors, identified })
        return { done: false, approval: await requestApproval(ctx, { ...effects, onlyFor }), disclosed: null }
    }
    await applyApproval(ctx, approvalId, effects)
    const recipients = [...new Set(versions.flatMap(({ tested }) => recipientsOf(tested)))].toSorted()
    const file = writeExpert(expertFileOf(attribution, versions, recipients))
    const facts = {
        attribution: attribution.id,
        evidence: attribution.evidence,
        versions: versions.map(({ tested }) => `${tested.artifact}:${tested.version}`),
        inquiry: purpose.inquiry?.id ?? null,
        approval: approvalId,
        file: createHash("sha256").update(file).digest("hex"),
    }
    await record(ctx, { kind: "marks.keys_disclosed", ...facts }, true)
    const numbers = recipients.map((recipient, i) => ({ number: i + 1, ...ownerOf(recipient) }))
    return { done: true, approval: approvalId, disclosed: { file, numbers } }
}

/** One version whose keys are disclosed. */
interface DisclosedVersion {
    readonly tested: TestedVersion
    readonly master: Master
    readonly custody: MarkKeys
    readonly handedOut: readonly CopyCommitment[]
}

/** Loads the versions to disclose, with the best version first. */
async function loadDisclosedVersions(ctx: ActionContext, { result, at }: Attribution): Promise<DisclosedVersion[]> {
    const versions: DisclosedVersion[] = []
    for (const tested of result.best === null ? [] : [result.best, ...result.others]) {
        const master = await loadMaster(ctx, tested.artifact, tested.version)
        const custody = await loadMarkKeys(ctx, master)
        const handedOut = await listCopyCommitments(ctx, tested, at)
        if (custody !== null) versions.push({ tested, master, custody, handedOut })
    }
    return versions
}

function effectsOf(
    { attribution, inquiry }: DisclosurePurpose,
    versions: readonly DisclosedVersion[],
    authors: readonly string[],
): Effects {
    return {
        action: disclosureAction,
        recipients: [],
        at: null,
        authors,
        artifacts: versions.map(({ tested: { artifact, version } }) => ({ artifact, version })),
        detail: { attribution, inquiry: inquiry?.id ?? null },
    }
}

/**
 * Lists who may know of the disclosure: the inquiry's members, or else all investigators and approvers. Refuses
 * `attribution.no_signer` unless another of them can sign whom the attribution does not identify.
 */
async function assertHasSigner(
    ctx: ActionContext,
    { inquiry }: DisclosurePurpose,
    { authors, identified }: { readonly authors: readonly string[]; readonly identified: readonly string[] },
): Promise<string[]> {
    const staff = (await listPeople(ctx, null)).filter(({ id, leftAt }) => leftAt === null && !identified.includes(id))
    const mayKnow = ({ id, roles }: Person) =>
        inquiry === null
            ? roles.some((role) => role === "investigator" || role === "approver")
            : inquiry.members.includes(id)
    const eligible = staff.filter(mayKnow)
    const person = personOf(ctx.actor)
    if (!eligible.some(({ id, roles }) => id !== person && !authors.includes(id) && roles.includes("approver"))) {
        refuse(
            "conflict",
            "attribution.no_signer",
            "no other approver may know of this disclosure: add one to the inquiry or the staff first",
        )
    }
    return eligible.map(({ id }) => id)
}

/** The statements of an expert file about an attribution, without mark keys. */
export interface ExpertStatements {
    readonly numbers: readonly { readonly number: number; readonly recipient: string }[]
    readonly documents: readonly Pick<
        ExpertDocument,
        "artifact" | "version" | "epoch" | "manifest" | "share" | "before" | "read" | "stated"
    >[]
}

/** Returns the statements of an attribution, with the best version first. The caller records the read. */
export async function loadStatements(ctx: ActionContext, { result }: Attribution): Promise<ExpertStatements> {
    const committedVersions: { readonly tested: TestedVersion; readonly epoch: number; readonly manifest: string }[] =
        []
    for (const tested of result.best === null ? [] : [result.best, ...result.others]) {
        const committed = await findCommitment(ctx, tested.artifact, tested.version)
        if (committed !== null) committedVersions.push({ tested, ...committed })
    }
    const recipients = [...new Set(committedVersions.flatMap(({ tested }) => recipientsOf(tested)))].toSorted()
    return {
        numbers: recipients.map((recipient, i) => ({ number: i + 1, recipient })),
        documents: committedVersions.map(({ tested, epoch, manifest }) => ({
            artifact: tested.artifact,
            version: tested.version,
            epoch,
            manifest,
            ...conclusionsOf(tested, result, recipients),
        })),
    }
}

/** Sorts recipients by id, as they were weighed. */
const recipientsOf = ({ findings }: TestedVersion): string[] =>
    findings.ranking.map(({ recipient }) => recipient).toSorted()

function expertFileOf(
    { id, at, result }: Attribution,
    versions: readonly DisclosedVersion[],
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
        documents: versions.map((item) => documentOf(item, result, recipients)),
        error: { alpha: result.alpha, versions: result.tests, shares },
    }
}

function documentOf(
    { tested, custody, handedOut }: DisclosedVersion,
    result: AttributionResult,
    recipients: readonly string[],
): ExpertDocument {
    const { artifact, version } = tested
    const {
        epoch,
        colluders,
        key,
        master,
        manifest,
        commitment: committed,
        slots,
        book,
        copyCanaries: planting,
    } = custody
    const byRecipient = Map.groupBy(handedOut, ({ recipient }) => recipient)
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
            word: [...book.codewordOf(recipient)],
            delivered: (byRecipient.get(recipient) ?? []).map(({ salt, copy }) => ({ salt, copy })),
        })),
        ...conclusionsOf(tested, result, recipients),
    }
}

/**
 * States the fresh slots of a later try, which an expert can compute again. States the results of earlier tries
 * separately.
 */
function conclusionsOf(
    tested: TestedVersion,
    { alpha, tests }: Pick<AttributionResult, "alpha" | "tests">,
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
        stated: statementOf(tested, factor?.findings ?? findings, recipients),
    }
}

function statementOf(
    { findings: { verdict, identified } }: TestedVersion,
    { slots, threshold, ranking, together, unmarked }: Findings,
    recipients: readonly string[],
): ExpertDocument["stated"] {
    const numberOf = (recipient: string): number => recipients.indexOf(recipient) + 1
    const byNumber = <T extends readonly [number, ...unknown[]]>(a: T, b: T): number => a[0] - b[0]
    return {
        verdict,
        slots,
        threshold,
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
