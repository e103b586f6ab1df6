/** Keeps the samples of an artifact: ciphertext, as its text is. They are nobody's copy, and never leave. */
import type { Instant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { opened, sealed } from "../../cases/actions.ts"
import { authorOf, caseOf } from "../actions.ts"
import { type Sample, corpusCharsMax, mustBeSample, samplesMax } from "../corpus.ts"
import * as store from "../store.ts"

export interface KeptSample extends Sample {
    readonly id: string
    readonly addedBy: string
    readonly addedAt: Instant
}

/** The samples of an artifact, in the order in which they were added. */
export async function samplesOf(act: Act, artifact: string): Promise<KeptSample[]> {
    const of = (await caseOf(act, artifact)) ?? unknownArtifact()
    const samples: KeptSample[] = []
    for (const row of await store.sampleRows(act.tx, artifact)) {
        const text = await opened(act, of, place(row.id), row.sample_ciphertext)
        const its = JSON.parse(text) as Omit<Sample, "must">
        samples.push({ id: row.id, must: row.must, ...its, addedBy: row.added_by, addedAt: row.added_at })
    }
    return samples
}

export async function addSample(act: Act, artifact: string, its: Sample): Promise<string> {
    const author = authorOf(act)
    mustBeSample(its)
    const { case_id: of } = (await store.lockArtifact(act.tx, artifact)) ?? unknownArtifact()
    const kept = await samplesOf(act, artifact)
    const size = kept.reduce((sum, one) => sum + one.content.length, its.content.length)
    if (!(kept.length < samplesMax && size <= corpusCharsMax)) {
        const most = `\`${samplesMax}\` samples and \`${corpusCharsMax}\` characters`
        refuse("conflict", "artifact.too_many_samples", `an artifact has ${most} at most`)
    }
    const id = act.doors.newId()
    const { name, must, content, base64 } = its
    await store.insertSample(act.tx, {
        id,
        artifact,
        must,
        sample_ciphertext: await sealed(act, of, place(id), JSON.stringify({ name, content, base64 })),
        added_by: author,
        added_at: act.now,
    })
    await record(act, { kind: "artifact.sample_added", case: of, artifact, sample: id, must })
    return id
}

/** A sample that was wrong would stand in the way of every release. */
export async function removeSample(act: Act, artifact: string, id: string): Promise<void> {
    authorOf(act)
    const { case_id: of } = (await store.lockArtifact(act.tx, artifact)) ?? unknownArtifact()
    if (!(await store.deleteSample(act.tx, artifact, id))) {
        refuse("missing", "artifact.sample_not_found", "no such sample")
    }
    await record(act, { kind: "artifact.sample_removed", case: of, artifact, sample: id })
}

const place = (id: string): string => `artifact_samples.sample:${id}`

function unknownArtifact(): never {
    refuse("missing", "artifact.not_found", "no such artifact")
}
