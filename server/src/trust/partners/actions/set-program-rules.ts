/** Reads the program rules at an instant, and writes new versions. */
import type { Instant } from "@tocsin/base/instant"
import { canonical } from "@tocsin/base/canonical"
import { withheldFrom } from "../../../platform/time/clock.ts"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { applyApproval } from "../../approvals/actions/request-approval.ts"
import type { Effects } from "../../approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personOf } from "../../../kernel/actor.ts"
import type { RequirementRules } from "../requirements/requirement.ts"
import {
    type Rules,
    type RulesKind,
    relaxesRequirements,
    validateRules,
    shippedRules,
    sharesMore,
} from "../program-rules.ts"
import * as store from "../store/program-rules.ts"
import { aggregatesRulesEffects, requirementRulesEffects } from "../approval-effects.ts"
import { refuseWithoutApproval } from "./change-partner.ts"

export interface RulesVersion<Kind extends RulesKind> {
    /** 0: the shipped rules. */
    readonly version: number
    readonly rules: Rules[Kind]
    readonly by: string | null
    readonly at: Instant | null
}

/** Loads the version in force, or a named one. */
export async function loadRules<Kind extends RulesKind>(
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
    const before = await loadRules(ctx, kind)
    if (canonical(before.rules) === canonical(rules)) return before.version
    const effects = await computeRulesEffects(ctx, kind, rules)
    if (effects) await applyApproval(ctx, approval ?? refuseWithoutApproval(), effects)
    const version = (await store.loadNewestVersion(ctx.tx, kind)) + 1
    const onlyWithholds = kind === "requirements" && effects === null
    const at = onlyWithholds ? await withheldFrom(ctx.tx, ctx.services, ctx.now) : ctx.now
    await store.insertRules(ctx.tx, kind, { version, rules, by: personOf(ctx.actor), at })
    const signed = effects ? (approval ?? null) : null
    await record(ctx, { kind: "program_rules.set", rulesKind: kind, version, approval: signed })
    return version
}

/** The effects that a second person must sign; null where no partner could keep access longer or learn more. */
export async function computeRulesEffects<Kind extends RulesKind>(
    ctx: ActionContext,
    kind: Kind,
    rules: Rules[Kind],
): Promise<Effects | null> {
    validateRules(kind, rules)
    if (kind === "aggregates") {
        const [{ rules: current }, proposed] = [await loadRules(ctx, "aggregates"), rules as Rules["aggregates"]]
        return sharesMore(current, proposed) ? aggregatesRulesEffects(proposed) : null
    }
    if (kind !== "requirements") return null
    const before = await loadRules(ctx, "requirements")
    const after = rules as RequirementRules
    return relaxesRequirements(before.rules, after) ? requirementRulesEffects(after) : null
}
