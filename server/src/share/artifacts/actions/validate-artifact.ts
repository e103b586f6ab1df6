/**
 * Validates an artifact and runs its rules over its samples.
 *
 * It runs when a person reads the artifact, and before each release. Results are cached by a hash of the input.
 */
import { createHash } from "node:crypto"
import { rawText, resolveSlots } from "@tocsin/marks/carriers/resolved-text"
import { type Issue, hasError, sortIssues, warning } from "@tocsin/base/issue"
import { refuse } from "@tocsin/base/refusal"
import { embeddedIssues } from "@tocsin/formats/stix/validate"
import { checkSuricata } from "../../../platform/sandbox/suricata.ts"
import { checkYara } from "../../../platform/sandbox/yara.ts"
import type { ArtifactVersion } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { canaryIssues } from "../canary-use.ts"
import { type Artifact, listArtifacts, loadMaster } from "./load-artifacts.ts"
import { type Sample, samplesNotRun, runSigma, sampleIssues } from "../sample.ts"
import { type Draft, type DraftCheck, checkDraft } from "../rule-issues.ts"
import { listSamples } from "./manage-samples.ts"

export interface ArtifactValidation {
    readonly issues: readonly Issue[]
    /** Whether the version may be released as it is. */
    readonly valid: boolean
}

/** The maximum number of rules in objects; each of them starts a process. */
const embeddedMax = 20

/** Validates a text with its samples. Stores and records nothing. */
export async function validateDraft(
    draft: Draft,
    samples: readonly Sample[],
    hasZone: boolean,
): Promise<readonly Issue[]> {
    const check = checkDraft(draft)
    const text = resolveSlots(draft.name, draft.content)
    const issues = [...check.issues, ...canaryIssues(draft, hasZone)]
    if (check.format === "sigma") {
        issues.push(...(hasError(check.issues) ? [] : runSigma(check.rules, samples)))
    } else if (check.format === "yara") issues.push(...(await runYara(text, samples)))
    else {
        if (check.format === "suricata") issues.push(...((await checkSuricata(text)) ?? []))
        issues.push(...(await checkEmbeddedYara(check)), ...samplesNotRun(samples))
    }
    return sortIssues(issues)
}

async function runYara(rules: string, samples: readonly Sample[]): Promise<Issue[]> {
    const bytes = samples.map(({ content, base64 }) => Buffer.from(content, base64 ? "base64" : "utf8"))
    const { issues, matched } = await checkYara(rules, bytes)
    if (matched === null) return [...issues]
    return [...issues, ...samples.flatMap((sample, n) => sampleIssues(sample, (matched[n] ?? []).length > 0))]
}

async function checkEmbeddedYara({ format, yara }: DraftCheck): Promise<Issue[]> {
    if (format !== "stix") return []
    const issues: Issue[] = []
    for (const { place, text } of yara.slice(0, embeddedMax)) {
        issues.push(...embeddedIssues((await checkYara(text, [])).issues, place))
    }
    const first = yara[embeddedMax]
    if (first)
        issues.push(
            warning(first.place, "artifact.not_checked", "too many rules: the YARA patterns from here on are not run"),
        )
    return issues
}

const cachedIssues = new Map<string, readonly Issue[]>()
const cachedMax = 200

/** Validates with a cache. Results after a timeout are not cached. */
async function validateCached(draft: Draft, samples: readonly Sample[], hasZone: boolean): Promise<readonly Issue[]> {
    const key = JSON.stringify([draft.class, draft.tlp, draft.pap, draft.name, draft.content, samples, hasZone])
    const hash = createHash("sha256").update(key).digest("base64")
    const before = cachedIssues.get(hash)
    if (before) return before
    const issues = await validateDraft(draft, samples, hasZone)
    if (issues.some((issue) => /^(yara|suricata)\.(time|broke)$/.test(issue.code))) return issues
    const oldest = cachedIssues.size >= cachedMax ? cachedIssues.keys().next().value : undefined
    if (oldest !== undefined) cachedIssues.delete(oldest)
    cachedIssues.set(hash, issues)
    return issues
}

/** Returns the issues of one version (null: the newest), with its current samples. */
export async function validateVersion(
    ctx: ActionContext,
    id: string,
    version: number | null,
): Promise<ArtifactValidation> {
    const { case: caseId, name, content } = await loadMaster(ctx, id, version)
    const artifact = (await listArtifacts(ctx, caseId)).find((artifact) => artifact.id === id)
    if (!artifact) throw new Error("an artifact is not among those of its case")
    return await validateWithSamples(ctx, artifact, name, rawText(content))
}

async function validateWithSamples(
    ctx: ActionContext,
    artifact: Artifact,
    name: string,
    content: string,
): Promise<ArtifactValidation> {
    const samples = await listSamples(ctx, artifact.id)
    const draft = { class: artifact.class, tlp: artifact.tlp, pap: artifact.pap, name, content }
    const issues = await validateCached(draft, samples, ctx.services.canaryZone !== null)
    return { issues, valid: !hasError(issues) }
}

/** Refuses `artifact.not_valid` with the first error, so that no release of it can be requested. */
export async function assertValid(ctx: ActionContext, versions: readonly ArtifactVersion[]): Promise<void> {
    for (const { artifact, version } of versions) {
        const { issues } = await validateVersion(ctx, artifact, version)
        const first = issues.find((issue) => issue.severity === "error")
        if (!first) continue
        const { name } = await loadMaster(ctx, artifact, version)
        const where = `${name}:${first.line}:${first.column}`
        refuse("conflict", "artifact.not_valid", `\`${where}\` \`${first.code}\`: ${first.message}`, {
            where,
            code: first.code,
            message: first.message,
        })
    }
}
