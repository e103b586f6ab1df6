/**
 * Finds similar evidence and public texts. Fingerprints are keyed under the key-encryption key, so that the tables
 * reveal no text.
 */
import { createHmac } from "node:crypto"
import { leakMax } from "@tocsin/marks/align"
import { type Print, type Seed, kept, printsOf } from "@tocsin/marks/text-fingerprints"
import { proseTokens } from "@tocsin/marks/tokens"
import { publicForms } from "../../../share/publication/actions/compare-texts.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { evidenceOf } from "../actions.ts"
import type { Evidence } from "../evidence.ts"
import { type Alike, type InPublic, alike, bestOf, percent, publicWordsMin } from "../similarity.ts"
import * as store from "../store/text-fingerprints.ts"
import { isStillThere } from "./hold-evidence.ts"
import { textOf } from "./read-evidence.ts"

export interface Likeness {
    /** Other evidence with the same bytes. */
    readonly equals: readonly string[]
    readonly alike: readonly Alike[]
    /** Null where no public text covers enough of it. */
    readonly inPublic: InPublic | null
    /** The number of other leaks without fingerprints. */
    readonly waiting: number
}

/** Largest number of fingerprints of a text. More would not make the shares usefully more exact. */
const printsMax = 4096
/** Earlier leaks get fingerprints at this rate. */
const caughtUpMax = 20

/** Finds similar evidence, on request and automatically for a new leak. Records the look. */
export async function likenessOf(ctx: ActionContext, evidence: string): Promise<Likeness> {
    const about = await evidenceOf(ctx, evidence)
    for (const withoutPrint of await store.withoutPrints(ctx.tx, evidence, caughtUpMax))
        await savePrints(ctx, withoutPrint)
    const input = {
        equals: await store.equals(ctx.tx, evidence),
        alike: alike(await store.compared(ctx.tx, evidence)),
        inPublic: await inPublicOf(ctx, about, await textOf(ctx, evidence)),
        waiting: await store.countWithoutPrints(ctx.tx),
    }
    const counts = {
        equal: input.equals.length,
        alike: input.alike.length,
        inPublic: input.inPublic?.isPublic ?? false,
    }
    await record(ctx, { kind: "evidence.compared", evidence, ...counts }, true)
    return input
}

async function savePrints(ctx: ActionContext, evidence: string): Promise<void> {
    const { level, prints } = kept(printsIn(ctx, await textOf(ctx, evidence)), printsMax)
    const key = ctx.services.keys.derive("evidence/prints", 32)
    const rows = prints.map(({ value, depth }) => {
        const print = createHmac("sha256", key).update(String(value)).digest().subarray(0, 12)
        return { print, depth }
    })
    if (await isStillThere(ctx, evidence)) await store.insertPrints(ctx.tx, evidence, level, rows)
}

/** Finds the public text of this case, or of any, that covers most of it. Returns null for a text that is too short. */
export async function inPublicOf(
    ctx: ActionContext,
    evidence: Evidence,
    text: string | null,
): Promise<InPublic | null> {
    if (text === null || proseTokens(text.slice(0, leakMax)).length < publicWordsMin) return null
    const prints = printsIn(ctx, text)
    const found: Omit<InPublic, "isPublic">[] = []
    for (const { advisory, at, forms } of await publicForms(ctx, evidence.case)) {
        const isOne = forms.some((form) => form.sha256 === evidence.sha256)
        const texts = forms.flatMap((form) => form.texts)
        const inputs = new Set(texts.flatMap((text) => printsIn(ctx, text).map(({ value }) => value)))
        const shared = prints.filter(({ value }) => inputs.has(value)).length
        const whole = text.length > leakMax ? Infinity : prints.length
        found.push({ advisory, publicSince: at, percent: isOne ? 100 : percent(shared, whole) })
    }
    return bestOf(found, evidence.seenAt)
}

function printsIn(ctx: ActionContext, text: string | null): Print[] {
    const seeds = ctx.services.keys.derive("evidence/seed", 8)
    const seed: Seed = [seeds.readInt32LE(0), seeds.readInt32LE(4)]
    return printsOf(proseTokens((text ?? "").slice(0, leakMax)), seed)
}
