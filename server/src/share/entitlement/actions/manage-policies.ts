/**
 * Adds, previews and activates policy versions. One person activates a version that only takes away or delays. Any
 * other version needs a second signature.
 */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { withheldFrom } from "../../../platform/time/clock.ts"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { requestApproval, applyApproval } from "../../../trust/approvals/actions/request-approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personOf } from "../../../kernel/actor.ts"
import { mayReadReports } from "../../../kernel/permissions.ts"
import { setRules } from "../../../trust/partners/actions/set-program-rules.ts"
import { setDefaultSchedule } from "../../waves/actions.ts"
import { type ActivationPreview, effectsOf, validateName, textHash } from "../activation.ts"
import { type Difference, compare, possibleFacts } from "../compare.ts"
import { type MatrixFacts, decideMatrix } from "../matrix.ts"
import { parseExamples } from "../example.ts"
import type { Pack, PolicyText } from "../pack.ts"
import { packs } from "../packs/shipped.ts"
import { threeTierPack } from "../packs/three-tier.ts"
import { assertGivesNothingForDuties } from "../duties.ts"
import { assertNamesNoPartner, schemaText } from "../schema.ts"
import * as store from "../store.ts"
import { type PolicyTest, assertTestPasses, policyTestOf } from "../policy-test.ts"
import { differencesIn } from "./compare-sides.ts"
import { loadDecisionFacts } from "./load-decision-facts.ts"

export type Policy = store.Policy
export type Activation = store.Activation

/** The engine's name for drafts. Each draft replaces the one before. */
const draft = "draft"

/** The number of cells that are compared at most. A change with more cells takes two people. */
const possibleCellsMax = 1500

/**
 * Validates and stores a new version; returns its number. It has no effect until its activation.
 *
 * Refuses an invalid text (`policy.invalid`), a failing example (`policy.example_fails`) and a rule that no example
 * tests (`policy.rule_without_example`). Refuses a text that gives more for a duty (`policy.duty_gives_more`) or names
 * too much to check this (`policy.too_many_duties`).
 */
export async function addPolicy(ctx: ActionContext, policyText: PolicyText): Promise<number> {
    validateName(policyText.name)
    loadDraft(ctx, policyText.text)
    assertGivesNothingForDuties(ctx.services.policy, draft, ctx.services.policy.references(draft))
    return await addLoadedPolicy(ctx, policyText)
}

async function addLoadedPolicy(ctx: ActionContext, { name, text, examples }: PolicyText): Promise<number> {
    assertTestPasses(policyTestOf(ctx.services.policy, draft, parseExamples(examples)))
    const version = await store.reserveNextVersion(ctx.tx)
    const created = { createdBy: personOf(ctx.actor), createdAt: ctx.now }
    await store.insertPolicy(ctx.tx, { version, name: name.trim(), text, examples, ...created })
    const hashes = { textHash: textHash(text), examplesHash: textHash(examples) }
    await record(ctx, { kind: "policy.added", version, ...hashes })
    return version
}

/** Runs the examples against a text that is not stored. Refuses an invalid text. */
export function testPolicy(ctx: ActionContext, { text, examples }: Omit<PolicyText, "name">): PolicyTest {
    loadDraft(ctx, text)
    assertGivesNothingForDuties(ctx.services.policy, draft, ctx.services.policy.references(draft))
    return policyTestOf(ctx.services.policy, draft, parseExamples(examples))
}

function loadDraft(ctx: ActionContext, text: string): void {
    ctx.services.policy.load(draft, text, schemaText)
    assertNamesNoPartner(ctx.services.policy.references(draft))
}

/**
 * Sets a new program's default schedule, embargo limits, advance consent and policies. Activates the first policy.
 * Refuses `policy.already_installed`.
 */
export async function installPack(ctx: ActionContext, pack: Pack = threeTierPack): Promise<void> {
    await lockToChangeProgram(ctx.tx)
    if ((await store.reserveNextVersion(ctx.tx)) !== 1) {
        refuse("conflict", "policy.already_installed", "this program has policies already")
    }
    const { schedule, policies, longestEmbargoDays, embargoDaysMax } = pack
    await setDefaultSchedule(ctx, schedule)
    await setRules(ctx, "consent", { longestEmbargoDays })
    await setRules(ctx, "embargo", { daysMax: embargoDaysMax })
    const versions: number[] = []
    // A test checks for each shipped pack that no duty gives more access.
    for (const policyText of policies) {
        loadDraft(ctx, policyText.text)
        versions.push(await addLoadedPolicy(ctx, policyText))
    }
    const [first] = versions
    if (first !== undefined) await recordActivation(ctx, first, { replaces: null, approval: null })
}

/** Returns the shipped pack of this name. Refuses `policy.pack_not_found`. */
export function packByName(name: string): Pack {
    const names = packs.map((pack) => `\`${pack.name}\``).join(", ")
    const found = packs.find((pack) => pack.name === name)
    return found ?? refuse("invalid", "policy.pack_not_found", `no such pack: use one of ${names}`, { names })
}

/** Returns what the version would change, and what a second person would have to sign for it. */
export async function previewPolicy(ctx: ActionContext, version: number): Promise<ActivationPreview> {
    return await previewAgainst(ctx, version, await findActivePolicy(ctx, ctx.now))
}

async function previewAgainst(ctx: ActionContext, version: number, before: Policy | null): Promise<ActivationPreview> {
    const after = await loadPolicyVersion(ctx, version)
    const [policyBefore, policyAfter] = [loadActiveIntoEngine(ctx, before), loadPolicyIntoEngine(ctx, after)]
    // Without permission to read reports, no case counts as exploited: the differences would reveal which one is.
    const loadedFacts = await loadDecisionFacts(ctx, null, null, ctx.now, {
        ignoreExploitation: !mayReadReports(ctx.actor),
    })
    const differences = differencesIn(ctx, loadedFacts, [{ policy: policyBefore }, { policy: policyAfter }])
    const engine = ctx.services.policy
    const references = [...(before ? engine.references(policyBefore) : []), ...engine.references(policyAfter)]
    const matrixFacts = possibleFacts({ references, reports: true, regimes: true }, possibleCellsMax)
    const effects = effectsOf({
        version,
        text: after.text,
        replaces: before?.version ?? null,
        differences,
        possibleDifferences: matrixFacts && compareMatrices(ctx, policyBefore, policyAfter, matrixFacts),
        versions: new Map([...loadedFacts.artifactsById].map(([id, artifact]) => [id, artifact.version])),
    })
    return { version, replaces: before?.version ?? null, differences, effects }
}

/**
 * Requests a second signature for the effects of the preview; returns the approval's id. Refuses
 * `policy.needs_one_person`.
 */
export async function requestActivation(ctx: ActionContext, version: number): Promise<string> {
    const { effects } = await previewPolicy(ctx, version)
    if (effects) return await requestApproval(ctx, effects)
    refuse("conflict", "policy.needs_one_person", "no partner gains by this version: activate it without an approval")
}

/**
 * Activates a version from now on. Waits for reads in progress; later reads see the new version. Refuses
 * `policy.already_active`, and `policy.needs_two_people` without an approval where a partner gains.
 */
export async function activatePolicy(
    ctx: ActionContext,
    version: number,
    approval?: string,
): Promise<ActivationPreview> {
    await lockToChangeProgram(ctx.tx)
    const preview = await previewPolicy(ctx, version)
    const policy = await loadPolicyVersion(ctx, version)
    assertTestPasses(
        policyTestOf(ctx.services.policy, loadPolicyIntoEngine(ctx, policy), parseExamples(policy.examples)),
    )
    const { replaces, effects } = preview
    if (replaces === version) {
        refuse("conflict", "policy.already_active", `version \`${version}\` is already active`, { version })
    }
    if (effects) await applyApproval(ctx, approval ?? refuseOnePerson(), effects)
    const appliedApproval = effects ? (approval ?? null) : null
    await recordActivation(ctx, version, { replaces, approval: appliedApproval })
    return preview
}

/** Lists every version, newest first, and every activation in order. */
export async function loadPolicyHistory(
    ctx: ActionContext,
): Promise<{ versions: Policy[]; activations: Activation[] }> {
    return { versions: await store.listPolicies(ctx.tx), activations: await store.listActivations(ctx.tx) }
}

/** Returns this version. Refuses `policy.not_found`. */
export async function loadPolicyVersion(ctx: ActionContext, version: number): Promise<Policy> {
    const found = await store.findPolicy(ctx.tx, version)
    return found ?? refuse("missing", "policy.not_found", "no such policy")
}

/** Returns the version active at an instant; null where none was active. */
export async function findActivePolicy(ctx: ActionContext, instant: Instant): Promise<Policy | null> {
    return (await store.findActivePolicy(ctx.tx, instant)) ?? null
}

/** Loads the version into the engine; returns its name there. */
export function loadPolicyIntoEngine(ctx: ActionContext, { version, text }: Policy): string {
    const name = `version ${version}`
    ctx.services.policy.load(name, text, schemaText)
    return name
}

/**
 * Loads the version as `loadPolicyIntoEngine` does. For null, returns a name that the engine does not know, so every
 * answer is an error and withholds.
 */
export function loadActiveIntoEngine(ctx: ActionContext, policy: Policy | null): string {
    return policy ? loadPolicyIntoEngine(ctx, policy) : "none in force"
}

interface ActivationChange {
    readonly replaces: number | null
    readonly approval: string | null
}

async function recordActivation(ctx: ActionContext, version: number, change: ActivationChange): Promise<void> {
    const { replaces, approval } = change
    const isRestricting = approval === null && replaces !== null
    const from = isRestricting ? await loadActivationStart(ctx, version, replaces) : ctx.now
    await store.insertActivation(ctx.tx, { version, from, by: personOf(ctx.actor) })
    await record(ctx, { kind: "policy.activated", version, ...change })
}

/**
 * Returns the start of a restricting activation: `withheldFrom`, or now where the version would give more than the
 * version active at that instant.
 */
async function loadActivationStart(ctx: ActionContext, version: number, replaces: number): Promise<Instant> {
    const early = await withheldFrom(ctx.tx, ctx.services, ctx.now)
    const before = await findActivePolicy(ctx, early)
    if (before?.version === replaces) return early
    return (await previewAgainst(ctx, version, before)).effects === null ? early : ctx.now
}

function compareMatrices(
    ctx: ActionContext,
    policyBefore: string,
    policyAfter: string,
    facts: MatrixFacts,
): Difference[] {
    const engine = ctx.services.policy
    return compare(
        decideMatrix(engine, policyBefore, facts, ctx.now),
        decideMatrix(engine, policyAfter, facts, ctx.now),
    )
}

function refuseOnePerson(): never {
    refuse(
        "conflict",
        "policy.needs_two_people",
        "this version gives a partner more or sooner: request a second signature",
    )
}
