/**
 * Policy versions: added, looked at beforehand, put in force. One person puts in force what only takes away or puts
 * off; for anything else the version needs the signature of a second one.
 */
import type { Instant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { withheldFrom } from "../../../platform/clock.ts"
import { lockToChangeProgram } from "../../../platform/locks.ts"
import { requestApproval, useApproval } from "../../../trust/approvals/actions.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { personOf } from "../../../trust/audit/actor.ts"
import { readsReports } from "../../../trust/identity/access.ts"
import { setRules } from "../../../trust/partners/actions/rules.ts"
import { setPlan } from "../../waves/actions.ts"
import { type Preview, effectsOf, mustBeName, textHash } from "../activation.ts"
import { type Difference, compare, everybody } from "../compare.ts"
import { type Ground, matrix } from "../matrix.ts"
import { parseExamples } from "../example.ts"
import type { Pack, PolicyText } from "../pack.ts"
import { packs } from "../packs/shipped.ts"
import { threeTierPack } from "../packs/three-tier.ts"
import { mustGiveNothingForDuties } from "../duties.ts"
import { mustNameNobody, schemaText } from "../schema.ts"
import * as store from "../store.ts"
import { type Trial, mustStand, trialOf } from "../trial.ts"
import { differencesIn } from "./differing.ts"
import { knownAt } from "./ground.ts"

export type Policy = store.Policy
export type Activation = store.Activation

/** One name for all: the engine forgets a draft with the next one. */
const draft = "draft"

/** A change by which more cells could differ is not looked at for everybody that there may ever be: it takes two. */
const everybodyMax = 1500

/**
 * Validates and keeps a new version; returns its number. It decides nothing until it is put in force. Refuses a text
 * that is not valid (`policy.invalid`), one that does not bear out its own examples (`policy.example_fails`), one with
 * a rule that no example shows at work (`policy.rule_without_example`), and one that gives more for a duty
 * (`policy.duty_gives_more`) or names more than that can be looked at (`policy.too_many_duties`).
 */
export async function addPolicy(act: Act, its: PolicyText): Promise<number> {
    mustBeName(its.name)
    loadDraft(act, its.text)
    mustGiveNothingForDuties(act.doors.policy, draft, act.doors.policy.references(draft))
    return await addLoaded(act, its)
}

async function addLoaded(act: Act, { name, text, examples }: PolicyText): Promise<number> {
    mustStand(trialOf(act.doors.policy, draft, parseExamples(examples)))
    const version = await store.nextVersion(act.tx)
    const made = { createdBy: personOf(act.actor), createdAt: act.now }
    await store.insertPolicy(act.tx, { version, name: name.trim(), text, examples, ...made })
    const hashes = { textHash: textHash(text), examplesHash: textHash(examples) }
    await record(act, { kind: "policy.added", version, ...hashes })
    return version
}

/** What each example comes to under a text that is not kept, and by which rules. Refuses a text that is not valid. */
export function tryPolicy(act: Act, { text, examples }: Omit<PolicyText, "name">): Trial {
    loadDraft(act, text)
    mustGiveNothingForDuties(act.doors.policy, draft, act.doors.policy.references(draft))
    return trialOf(act.doors.policy, draft, parseExamples(examples))
}

function loadDraft(act: Act, text: string): void {
    act.doors.policy.load(draft, text, schemaText)
    mustNameNobody(act.doors.policy.references(draft))
}

/**
 * A new program's plan, how long its embargoes may be, what its agreements consent to beforehand, and its policies: the
 * first in force, the others beside it. Refuses a second time.
 */
export async function installPack(act: Act, pack: Pack = threeTierPack): Promise<void> {
    await lockToChangeProgram(act.tx)
    if ((await store.nextVersion(act.tx)) !== 1) {
        refuse("conflict", "policy.already_installed", "this program has policies already")
    }
    const { plan, policies: its, longestEmbargoDays, embargoDaysMax } = pack
    await setPlan(act, plan)
    await setRules(act, "consent", { longestEmbargoDays })
    await setRules(act, "embargo", { daysMax: embargoDaysMax })
    const versions: number[] = []
    // That no shipped text gives more for a duty is not tried here: a test does, of each pack.
    for (const one of its) {
        loadDraft(act, one.text)
        versions.push(await addLoaded(act, one))
    }
    const [first] = versions
    if (first !== undefined) await putInForce(act, first, { replaces: null, approval: null })
}

/** The shipped pack of this name. Refuses `policy.pack_not_found`. */
export function packNamed(name: string): Pack {
    const names = packs.map((pack) => `\`${pack.name}\``).join(", ")
    const found = packs.find((pack) => pack.name === name)
    return found ?? refuse("invalid", "policy.pack_not_found", `no such pack: ${names}`)
}

/** What the version would change, and what a second person would have to sign for it. */
export async function previewPolicy(act: Act, version: number): Promise<Preview> {
    return await previewAgainst(act, version, await inForceAt(act, act.now))
}

async function previewAgainst(act: Act, version: number, before: Policy | null): Promise<Preview> {
    const after = await policyOf(act, version)
    const [was, is] = [loadInForce(act, before), loadPolicy(act, after)]
    // For readers who may not read reports, no case counts as exploited: the differences would tell which one is.
    const known = await knownAt(act, null, null, act.now, { quiet: !readsReports(act.actor) })
    const differences = differencesIn(act, known, [{ policy: was }, { policy: is }])
    const engine = act.doors.policy
    const references = [...(before ? engine.references(was) : []), ...engine.references(is)]
    const all = everybody({ references, reports: true, regimes: true }, everybodyMax)
    const effects = effectsOf({
        version,
        text: after.text,
        replaces: before?.version ?? null,
        differences,
        everybody: all && differ(act, was, is, all),
        versions: new Map([...known.artifactsById].map(([id, artifact]) => [id, artifact.version])),
    })
    return { version, replaces: before?.version ?? null, differences, effects }
}

/** Asks a second person to sign what the preview shows; returns the approval's id. */
export async function requestActivation(act: Act, version: number): Promise<string> {
    const { effects } = await previewPolicy(act, version)
    if (effects) return await requestApproval(act, effects)
    refuse("conflict", "policy.needs_one_person", "nobody gains by this version: it can be put in force at once")
}

/** In force from now on: it waits for the reads under way, and no read begins before it is done. */
export async function activatePolicy(act: Act, version: number, approval?: string): Promise<Preview> {
    await lockToChangeProgram(act.tx)
    const preview = await previewPolicy(act, version)
    const its = await policyOf(act, version)
    mustStand(trialOf(act.doors.policy, loadPolicy(act, its), parseExamples(its.examples)))
    const { replaces, effects } = preview
    if (replaces === version) {
        refuse("conflict", "policy.already_active", `version \`${version}\` is in force already`)
    }
    if (effects) await useApproval(act, approval ?? needsTwo(), effects)
    const used = effects ? (approval ?? null) : null
    await putInForce(act, version, { replaces, approval: used })
    return preview
}

/** Every version, newest first, and every activation in its order. */
export async function policies(act: Act): Promise<{ versions: Policy[]; activations: Activation[] }> {
    return { versions: await store.policies(act.tx), activations: await store.activations(act.tx) }
}

export async function policyOf(act: Act, version: number): Promise<Policy> {
    const found = await store.policy(act.tx, version)
    return found ?? refuse("missing", "policy.not_found", "no such policy")
}

/** Null where none was in force at that instant. */
export async function inForceAt(act: Act, instant: Instant): Promise<Policy | null> {
    return (await store.activeAt(act.tx, instant)) ?? null
}

/** Makes the version known to the engine; returns the name to ask by. */
export function loadPolicy(act: Act, { version, text }: Policy): string {
    const name = `version ${version}`
    act.doors.policy.load(name, text, schemaText)
    return name
}

/** As `loadPolicy`; of none a name that the engine does not know: asked by it, it answers with an error, and so with a no. */
export function loadInForce(act: Act, policy: Policy | null): string {
    return policy ? loadPolicy(act, policy) : "none in force"
}

interface Change {
    readonly replaces: number | null
    readonly approval: string | null
}

async function putInForce(act: Act, version: number, change: Change): Promise<void> {
    const { replaces, approval } = change
    const onlyTakes = approval === null && replaces !== null
    const from = onlyTakes ? await takenFrom(act, version, replaces) : act.now
    await store.insertActivation(act.tx, { version, from, by: personOf(act.actor) })
    await record(act, { kind: "policy.activated", version, ...change })
}

/** The instant of `withheldFrom`, or now where the version would give more than the one in force at that instant. */
async function takenFrom(act: Act, version: number, replaces: number): Promise<Instant> {
    const early = await withheldFrom(act.tx, act.doors, act.now)
    const before = await inForceAt(act, early)
    if (before?.version === replaces) return early
    return (await previewAgainst(act, version, before)).effects === null ? early : act.now
}

function differ(act: Act, was: string, is: string, ground: Ground): Difference[] {
    const engine = act.doors.policy
    return compare(matrix(engine, was, ground, act.now), matrix(engine, is, ground, act.now))
}

function needsTwo(): never {
    refuse(
        "conflict",
        "policy.needs_two_people",
        "this version gives somebody more or sooner: a second person signs it",
    )
}
