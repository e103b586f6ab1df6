/** Reads the program rules at an instant, and writes new versions. */
import type { Instant } from "@tocsin/base/instant"
import { canonical } from "@tocsin/base/canonical"
import { withheldFrom } from "../../../platform/time/clock.ts"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { useApproval } from "../../approvals/actions.ts"
import type { Effects } from "../../approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personOf } from "../../../kernel/actor.ts"
import type { DueRules } from "../requirements/requirement.ts"
import { type Rules, type RulesKind, loosensDues, validateRules, shippedRules, tellsMore } from "../program-rules.ts"
import * as store from "../store/program-rules.ts"
import { aggregatesEffects, duesEffects } from "../gain.ts"
import { needsTwo } from "./change-partner.ts"

export interface RulesVersion<Kind extends RulesKind> {
    /** 0: the shipped rules. */
    readonly version: number
    readonly rules: Rules[Kind]
    readonly by: string | null
    readonly at: Instant | null
}

/** Loads the version in force, or a named one. */
export async function rulesNow<Kind extends RulesKind>(
    ctx: ActionContext,
    kind: Kind,
    version: number | null = null,
): Promise<RulesVersion<Kind>> {
    const row =
        version === null ? await store.findRulesAt(ctx.tx, kind, ctx.now) : await store.findRules(ctx.tx, kind, version)
    return row ?? { version: 0, rules: shippedRules[kind], by: null, at: null }
}

/** Writes a version and returns its number, or the present number where nothing changes. */
export async function setRules<Kind extends RulesKind>(
    ctx: ActionContext,
    kind: Kind,
    rules: Rules[Kind],
    approval?: string,
): Promise<number> {
    validateRules(kind, rules)
    await lockToChangeProgram(ctx.tx)
    const before = await rulesNow(ctx, kind)
    if (canonical(before.rules) === canonical(rules)) return before.version
    const effects = await rulesEffectsToSign(ctx, kind, rules)
    if (effects) await useApproval(ctx, approval ?? needsTwo(), effects)
    const version = (await store.newestRules(ctx.tx, kind)) + 1
    const onlyTakes = kind === "dues" && effects === null
    const at = onlyTakes ? await withheldFrom(ctx.tx, ctx.services, ctx.now) : ctx.now
    await store.insertRules(ctx.tx, kind, { version, rules, by: personOf(ctx.actor), at })
    const signed = effects ? (approval ?? null) : null
    await record(ctx, { kind: "program_rules.set", of: kind, version, approval: signed })
    return version
}

/** The effects that a second person must sign; null where no partner could keep access longer or learn more. */
export async function rulesEffectsToSign<Kind extends RulesKind>(
    ctx: ActionContext,
    kind: Kind,
    rules: Rules[Kind],
): Promise<Effects | null> {
    validateRules(kind, rules)
    if (kind === "aggregates") {
        const [{ rules: now }, then] = [await rulesNow(ctx, "aggregates"), rules as Rules["aggregates"]]
        return tellsMore(now, then) ? aggregatesEffects(then) : null
    }
    if (kind !== "dues") return null
    const before = await rulesNow(ctx, "dues")
    const after = rules as DueRules
    return loosensDues(before.rules, after) ? duesEffects(after) : null
}
