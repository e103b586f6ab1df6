/**
 * Opening a document's key for an expert, who computes an attribution again with other software. Whoever has the key can make
 * anybody's copy, and frame anybody by it: so one investigator asks, another person signs, and it is given once.
 *
 * Who asked, for what, and the hash of what was given stand in the record, sealed; the key stands nowhere.
 */
import { createHash } from "node:crypto"
import { type ExpertFile, expertFormat, writeExpert } from "../../../lib/expert.ts"
import { noncesOf } from "../../../lib/code.ts"
import { shares } from "../../../lib/evidence/shares.ts"
import { formatInstant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { masterOf } from "../../../share/artifacts/actions.ts"
import { type Custody, custodyOf } from "../../../share/marking/actions.ts"
import { requestApproval, useApproval } from "../../../trust/approvals/actions.ts"
import type { Effects } from "../../../trust/approvals/approval.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { personOf } from "../../../trust/audit/actor.ts"
import { personsOf } from "../../../trust/identity/actions.ts"
import type { Person } from "../../../trust/identity/person.ts"
import { attributionWith } from "../actions.ts"
import type { Attribution, Tested } from "../attribution.ts"

export const opening = "marks.open"

/** What it is opened for; an inquiry's is for its members alone. */
export interface OpenedFor {
    readonly attribution: string
    readonly inquiry: { readonly id: string; readonly members: readonly string[] } | null
}

export interface Opening {
    readonly done: boolean
    /** What was signed, or waits for it. */
    readonly approval: string
    /** Once: it is kept nowhere. */
    readonly given: Given | null
}

export interface Given {
    /** The expert file, which names nobody. */
    readonly file: string
    /** Whose numbers they are, apart. */
    readonly numbers: readonly { readonly number: number; readonly partner: string }[]
}

/** Asks for the second signature; or, with it, gives the expert file. Refuses `attribution.nothing_to_open`. */
export async function openMarks(act: Act, its: OpenedFor, signed?: string): Promise<Opening> {
    const found = await attributionWith(act, its.attribution)
    const { best } = found.result
    const master = best && (await masterOf(act, best.artifact, best.version))
    const custody = master && (await custodyOf(act, master))
    if (best === null || master === null || custody === null) {
        refuse("conflict", "attribution.nothing_to_open", "the leak is from nothing that was handed out with marks")
    }
    const effects = effectsOf(its, best, master.author)
    if (signed === undefined) {
        const onlyFor = await mustHaveSigner(act, its, master.author)
        return { done: false, approval: await requestApproval(act, { ...effects, onlyFor }), given: null }
    }
    await useApproval(act, signed, effects)
    const file = writeExpert(expertFileOf(found, best, custody))
    const { artifact, version } = best
    const facts = {
        ...{ artifact, version, epoch: custody.epoch, attribution: found.id, evidence: found.evidence },
        ...{ inquiry: its.inquiry?.id ?? null, approval: signed },
        file: createHash("sha256").update(file).digest("hex"),
    }
    await record(act, { kind: "marks.opened", ...facts }, true)
    const numbers = recipientsOf(best).map((partner, i) => ({ number: i + 1, partner }))
    return { done: true, approval: signed, given: { file, numbers } }
}

function effectsOf({ attribution, inquiry }: OpenedFor, { artifact, version }: Tested, author: string): Effects {
    return {
        ...{ act: opening, recipients: [], artifacts: [{ artifact, version }], at: null },
        detail: { attribution, inquiry: inquiry?.id ?? null },
        authors: [author],
    }
}

/**
 * Who may know of it: an inquiry's members; of no inquiry, investigators and approvers. Another of them than whoever asks must
 * be able to sign.
 */
async function mustHaveSigner(act: Act, { inquiry }: OpenedFor, author: string): Promise<string[]> {
    const here = (await personsOf(act, null)).filter(({ leftAt }) => leftAt === null)
    const isIn = ({ id, roles }: Person) =>
        inquiry === null
            ? roles.some((role) => role === "investigator" || role === "approver")
            : inquiry.members.includes(id)
    const those = here.filter(isIn)
    const mine = personOf(act.actor)
    if (!those.some(({ id, roles }) => id !== mine && id !== author && roles.includes("approver"))) {
        refuse("conflict", "attribution.nobody_to_sign", "nobody else who may know of it is an approver")
    }
    return those.map(({ id }) => id)
}

/** By name, as they were weighed. */
const recipientsOf = ({ findings }: Tested): string[] => findings.ranking.map(({ recipient }) => recipient).toSorted()

function expertFileOf({ id, at, result }: Attribution, best: Tested, custody: Custody): ExpertFile {
    const { artifact, version, symbols } = best
    const { epoch, colluders, key, master, manifest, committed, slots, book } = custody
    const recipients = recipientsOf(best)
    const nonces = Buffer.from(noncesOf(recipients)).toString("hex")
    const nonceChars = nonces.length / Math.max(1, recipients.length)
    return {
        ...{ format: expertFormat, attribution: id, attributedAt: formatInstant(at) },
        document: {
            ...{ artifact, version, epoch, colluders, key: Buffer.from(key).toString("hex") },
            ...{ master: master.toString("hex"), manifest: manifest.toString("hex") },
        },
        committed: { ...committed, body: { ...committed.body } },
        slots: slots.map((slot) => ({ ...slot, variants: slot.variants.map((edits) => [...edits]) })),
        recipients: recipients.map((recipient, i) => ({
            number: i + 1,
            nonce: nonces.slice(i * nonceChars, (i + 1) * nonceChars),
            word: [...book.wordOf(recipient)],
        })),
        read: [...symbols],
        error: { alpha: result.alpha, versions: result.tests, shares },
        stated: statedOf(best, recipients),
    }
}

function statedOf({ findings }: Tested, recipients: readonly string[]): ExpertFile["stated"] {
    const { verdict, slots, bar, ranking, accused, together, unmarked } = findings
    const numberOf = (recipient: string): number => recipients.indexOf(recipient) + 1
    const byNumber = <T extends readonly [number, ...unknown[]]>(a: T, b: T): number => a[0] - b[0]
    return {
        ...{ verdict, slots, bar, unmarked },
        log10e: ranking
            .map(({ recipient, log10e }): [number, number] => [numberOf(recipient), log10e])
            .toSorted(byNumber),
        accused: accused.map(numberOf).toSorted((a, b) => a - b),
        together: together.map((one) => ({ recipients: one.recipients.map(numberOf), log10e: one.log10e })),
    }
}
