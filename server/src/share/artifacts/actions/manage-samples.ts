/** Manages the samples of an artifact, which are encrypted like its text. Samples are never handed out. */
import type { Instant } from "@tocsin/base/instant"
import { assertCaseNotHeld } from "../../cases/actions/hold-case.ts"
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { decryptForCase, encryptForCase } from "../../cases/actions/load-case.ts"
import { authorOf, findCaseOfArtifact } from "./load-artifacts.ts"
import { type Sample, corpusCharsMax, validateSample, samplesMax } from "../sample.ts"
import * as store from "../store.ts"

export interface StoredSample extends Sample {
    readonly id: string
    readonly addedBy: string
    readonly addedAt: Instant
}

/** Lists the samples of an artifact, in order. */
export async function listSamples(ctx: ActionContext, artifact: string): Promise<StoredSample[]> {
    const caseId = (await findCaseOfArtifact(ctx, artifact)) ?? noSuchArtifact()
    const samples: StoredSample[] = []
    for (const row of await store.listSampleRows(ctx.tx, artifact)) {
        const text = await decryptForCase(ctx, caseId, placeOf(row.id), row.sample_ciphertext)
        const sample = JSON.parse(text) as Omit<Sample, "must">
        samples.push({ id: row.id, must: row.must, ...sample, addedBy: row.added_by, addedAt: row.added_at })
    }
    return samples
}

export async function addSample(ctx: ActionContext, artifact: string, sample: Sample): Promise<string> {
    const author = authorOf(ctx)
    validateSample(sample)
    const { case_id: caseId } = (await store.lockArtifact(ctx.tx, artifact)) ?? noSuchArtifact()
    const stored = await listSamples(ctx, artifact)
    const size = stored.reduce((sum, storedSample) => sum + storedSample.content.length, sample.content.length)
    if (!(stored.length < samplesMax && size <= corpusCharsMax)) {
        const most = `\`${samplesMax}\` samples and \`${corpusCharsMax}\` characters`
        refuse("conflict", "artifact.too_many_samples", `too many samples: an artifact has at most ${most}`, {
            max: samplesMax,
        })
    }
    const id = ctx.services.newId()
    const { name, must, content, base64 } = sample
    await store.insertSample(ctx.tx, {
        id,
        artifact,
        must,
        sample_ciphertext: await encryptForCase(ctx, caseId, placeOf(id), JSON.stringify({ name, content, base64 })),
        added_by: author,
        added_at: ctx.now,
    })
    await record(ctx, { kind: "artifact.sample_added", case: caseId, artifact, sample: id, must })
    return id
}

/** Removes a sample: a wrong one blocks every release. Refuses `artifact.sample_not_found` and `case.on_hold`. */
export async function removeSample(ctx: ActionContext, artifact: string, id: string): Promise<void> {
    authorOf(ctx)
    const { case_id: caseId } = (await store.lockArtifact(ctx.tx, artifact)) ?? noSuchArtifact()
    await assertCaseNotHeld(ctx, caseId)
    if (!(await store.deleteSample(ctx.tx, artifact, id))) {
        refuse("missing", "artifact.sample_not_found", "no such sample")
    }
    await record(ctx, { kind: "artifact.sample_removed", case: caseId, artifact, sample: id })
}

const placeOf = (id: string): string => `artifact_samples.sample:${id}`

function noSuchArtifact(): never {
    refuse("missing", "artifact.not_found", "no such artifact")
}
