/** Manages the samples of an artifact, which are encrypted like its text. Samples are never handed out. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { opened, sealed } from "../../cases/actions.ts"
import { authorOf, caseOf } from "../actions.ts"
import { type Sample, corpusCharsMax, validateSample, samplesMax } from "../corpus.ts"
import * as store from "../store.ts"

export interface KeptSample extends Sample {
    readonly id: string
    readonly addedBy: string
    readonly addedAt: Instant
}

/** Lists the samples of an artifact, in order. */
export async function samplesOf(ctx: ActionContext, artifact: string): Promise<KeptSample[]> {
    const subject = (await caseOf(ctx, artifact)) ?? unknownArtifact()
    const samples: KeptSample[] = []
    for (const row of await store.sampleRows(ctx.tx, artifact)) {
        const text = await opened(ctx, subject, place(row.id), row.sample_ciphertext)
        const sample = JSON.parse(text) as Omit<Sample, "must">
        samples.push({ id: row.id, must: row.must, ...sample, addedBy: row.added_by, addedAt: row.added_at })
    }
    return samples
}

export async function addSample(ctx: ActionContext, artifact: string, sample: Sample): Promise<string> {
    const author = authorOf(ctx)
    validateSample(sample)
    const { case_id: subject } = (await store.lockArtifact(ctx.tx, artifact)) ?? unknownArtifact()
    const kept = await samplesOf(ctx, artifact)
    const size = kept.reduce((sum, keptSample) => sum + keptSample.content.length, sample.content.length)
    if (!(kept.length < samplesMax && size <= corpusCharsMax)) {
        const most = `\`${samplesMax}\` samples and \`${corpusCharsMax}\` characters`
        refuse("conflict", "artifact.too_many_samples", `too many samples: an artifact has at most ${most}`)
    }
    const id = ctx.services.newId()
    const { name, must, content, base64 } = sample
    await store.insertSample(ctx.tx, {
        id,
        artifact,
        must,
        sample_ciphertext: await sealed(ctx, subject, place(id), JSON.stringify({ name, content, base64 })),
        added_by: author,
        added_at: ctx.now,
    })
    await record(ctx, { kind: "artifact.sample_added", case: subject, artifact, sample: id, must })
    return id
}

/** Removes a sample, since a wrong one would block every release. Refuses `artifact.sample_not_found`. */
export async function removeSample(ctx: ActionContext, artifact: string, id: string): Promise<void> {
    authorOf(ctx)
    const { case_id: subject } = (await store.lockArtifact(ctx.tx, artifact)) ?? unknownArtifact()
    if (!(await store.deleteSample(ctx.tx, artifact, id))) {
        refuse("missing", "artifact.sample_not_found", "no such sample")
    }
    await record(ctx, { kind: "artifact.sample_removed", case: subject, artifact, sample: id })
}

const place = (id: string): string => `artifact_samples.sample:${id}`

function unknownArtifact(): never {
    refuse("missing", "artifact.not_found", "no such artifact")
}
