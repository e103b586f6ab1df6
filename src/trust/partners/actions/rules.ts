/** The program's rules about partners: read as they were at an instant, written as new versions. */
import type { Instant } from "../../../lib/instant.ts"
import { canonical } from "../../../lib/canonical.ts"
import { withheldFrom } from "../../../platform/clock.ts"
import { lockToChangeProgram } from "../../../platform/locks.ts"
import { useApproval } from "../../approvals/actions.ts"
import type { Effects } from "../../approvals/approval.ts"
import { type Act, record } from "../../audit/actions.ts"
import { personOf } from "../../audit/actor.ts"
import type { DueRules } from "../dues.ts"
import { type Rules, type RulesKind, loosensDues, mustBeRules, shippedRules, tellsMore } from "../rules.ts"
import * as store from "../store/rules.ts"
import { aggregatesEffects, duesEffects } from "../widening.ts"
import { needsTwo } from "./changes.ts"

export interface RulesVersion<Kind extends RulesKind> {
    /** 0: as shipped. */
    readonly version: number
    readonly rules: Rules[Kind]
    readonly by: string | null
    readonly at: Instant | null
}

/** The version in force, or the one that is named. */
export async function rulesNow<Kind extends RulesKind>(
    act: Act,
    kind: Kind,
    version: number | null = null,
): Promise<RulesVersion<Kind>> {
    const row =
        version === null ? await store.rulesAt(act.tx, kind, act.now) : await store.rulesOf(act.tx, kind, version)
    return row ?? { version: 0, rules: shippedRules[kind], by: null, at: null }
}

/** Writes a version; returns its number, or the present one where nothing changes. */
export async function setRules<Kind extends RulesKind>(
    act: Act,
    kind: Kind,
    rules: Rules[Kind],
    approval?: string,
): Promise<number> {
    mustBeRules(kind, rules)
    await lockToChangeProgram(act.tx)
    const before = await rulesNow(act, kind)
    if (canonical(before.rules) === canonical(rules)) return before.version
    const effects = await rulesEffectsToSign(act, kind, rules)
    if (effects) await useApproval(act, approval ?? needsTwo(), effects)
    const version = (await store.newestRules(act.tx, kind)) + 1
    const onlyTakes = kind === "dues" && effects === null
    const at = onlyTakes ? await withheldFrom(act.tx, act.doors, act.now) : act.now
    await store.insertRules(act.tx, kind, { version, rules, by: personOf(act.actor), at })
    const signed = effects ? (approval ?? null) : null
    await record(act, { kind: "program_rules.set", of: kind, version, approval: signed })
    return version
}

/** What a second person signs; null where nobody could keep access longer, or learn more, than before. */
export async function rulesEffectsToSign<Kind extends RulesKind>(
    act: Act,
    kind: Kind,
    rules: Rules[Kind],
): Promise<Effects | null> {
    mustBeRules(kind, rules)
    if (kind === "aggregates") {
        const [{ rules: now }, then] = [await rulesNow(act, "aggregates"), rules as Rules["aggregates"]]
        return tellsMore(now, then) ? aggregatesEffects(then) : null
    }
    if (kind !== "dues") return null
    const before = await rulesNow(act, "dues")
    const after = rules as DueRules
    return loosensDues(before.rules, after) ? duesEffects(after) : null
}
