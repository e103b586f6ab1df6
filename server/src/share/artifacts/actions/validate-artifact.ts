/**
 * Validates an artifact and runs its rules over its samples.
 *
 * It runs when a person looks, and before each release. Results are cached by a hash of the input.
 */
import { createHash } from "node:crypto"
import { rawText, resolveSlots } from "@tocsin/marks/carriers/resolved-text"
import { type Finding, hasError, inOrder, warning } from "@tocsin/base/issue"
import { refuse } from "@tocsin/base/refusal"
import { embedded } from "@tocsin/formats/stix/validate"
import { suricataOpinion } from "../../../platform/sandbox/suricata.ts"
import { checkYara } from "../../../platform/sandbox/yara.ts"
import type { ArtifactVersion } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { canaryFindings } from "../canary.ts"
import { type Artifact, artifactsOf, masterOf } from "../actions.ts"
import { type Sample, notRun, runSigma, sampleFinding } from "../corpus.ts"
import { type Draft, type Judged, judge } from "../rule-issues.ts"
import { samplesOf } from "./manage-samples.ts"

export interface Valid {
    readonly findings: readonly Finding[]
    /** Whether the version may be released as it is. */
    readonly valid: boolean
}

/** The maximum number of rules in objects; each of them starts a process. */
const embeddedMax = 20

/** Validates a text with its samples. Stores and records nothing. */
export async function validate(
    draft: Draft,
    samples: readonly Sample[],
    hasZone: boolean,
): Promise<readonly Finding[]> {
    const judged = judge(draft)
    const text = resolveSlots(draft.name, draft.content)
    const findings = [...judged.findings, ...canaryFindings(draft, hasZone)]
    if (judged.format === "sigma") {
        findings.push(...(hasError(judged.findings) ? [] : runSigma(judged.rules, samples)))
    } else if (judged.format === "yara") findings.push(...(await runYara(text, samples)))
    else {
        if (judged.format === "suricata") findings.push(...((await suricataOpinion(text)) ?? []))
        findings.push(...(await embeddedYara(judged)), ...notRun(samples))
    }
    return inOrder(findings)
}

async function runYara(rules: string, samples: readonly Sample[]): Promise<Finding[]> {
    const bytes = samples.map(({ content, base64 }) => Buffer.from(content, base64 ? "base64" : "utf8"))
    const { findings, matched } = await checkYara(rules, bytes)
    if (matched === null) return [...findings]
    return [...findings, ...samples.flatMap((sample, n) => sampleFinding(sample, (matched[n] ?? []).length > 0))]
}

async function embeddedYara({ format, yara }: Judged): Promise<Finding[]> {
    if (format !== "stix") return []
    const findings: Finding[] = []
    for (const { place, text } of yara.slice(0, embeddedMax)) {
        findings.push(...embedded((await checkYara(text, [])).findings, place))
    }
    const first = yara[embeddedMax]
    if (first) findings.push(warning(first.place, "artifact.not_checked", "from here on patterns of YARA are not run"))
    return findings
}

const remembered = new Map<string, readonly Finding[]>()
const rememberedMax = 200

/** Validates as `validate` does, with a cache. Results after a timeout are not cached. */
async function known(draft: Draft, samples: readonly Sample[], hasZone: boolean): Promise<readonly Finding[]> {
    const request = JSON.stringify([draft.class, draft.tlp, draft.pap, draft.name, draft.content, samples, hasZone])
    const hash = createHash("sha256").update(request).digest("base64")
    const before = remembered.get(hash)
    if (before) return before
    const findings = await validate(draft, samples, hasZone)
    if (findings.some((finding) => /^(yara|suricata)\.(time|broke)$/.test(finding.code))) return findings
    const oldest = remembered.size >= rememberedMax ? remembered.keys().next().value : undefined
    if (oldest !== undefined) remembered.delete(oldest)
    remembered.set(hash, findings)
    return findings
}

/** Returns the issues of one version (null: the newest), with its current samples. */
export async function findingsOf(ctx: ActionContext, id: string, version: number | null): Promise<Valid> {
    const { case: caseId, name, content } = await masterOf(ctx, id, version)
    const artifact = (await artifactsOf(ctx, caseId)).find((artifact) => artifact.id === id)
    if (!artifact) throw new Error("an artifact is not among those of its case")
    return await judgedWith(ctx, artifact, name, rawText(content))
}

async function judgedWith(ctx: ActionContext, artifact: Artifact, name: string, content: string): Promise<Valid> {
    const samples = await samplesOf(ctx, artifact.id)
    const draft = { class: artifact.class, tlp: artifact.tlp, pap: artifact.pap, name, content }
    const findings = await known(draft, samples, ctx.services.canaryZone !== null)
    return { findings, valid: !hasError(findings) }
}

/** Refuses `artifact.not_valid` with the first error, so that no release of it can be requested. */
export async function assertValid(ctx: ActionContext, versions: readonly ArtifactVersion[]): Promise<void> {
    for (const { artifact, version } of versions) {
        const { findings } = await findingsOf(ctx, artifact, version)
        const first = findings.find((finding) => finding.severity === "error")
        if (!first) continue
        const { name } = await masterOf(ctx, artifact, version)
        const where = `${name}:${first.line}:${first.column}`
        refuse("conflict", "artifact.not_valid", `\`${where}\` \`${first.code}\`: ${first.message}`)
    }
}
