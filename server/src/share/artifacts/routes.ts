/** HTTP routes of the operator for artifacts and samples. The marking slice serves their text. */
import { Type } from "typebox"
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import { recordReads } from "../cases/actions/record-reads.ts"
import * as actions from "./actions.ts"
import { addSample, removeSample, samplesOf } from "./actions/manage-samples.ts"
import { artifactClasses, colludersMost, contentCharsMax, papLabels, tlpLabels } from "./artifact.ts"
import { musts, sampleCharsMax } from "./corpus.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })
const content = Type.String({ minLength: 1, maxLength: contentCharsMax })
const byId = Type.Object({ id }, closed)
const fields = {
    class: Type.Enum([...artifactClasses]),
    tlp: Type.Enum([...tlpLabels]),
    pap: Type.Enum([...papLabels]),
    name: Type.String({ minLength: 1, maxLength: 100 }),
}
/** The number of colluding recipients that the marks must identify: 1 to 8, default 2. */
const colluders = Type.Integer({ minimum: 1, maximum: colludersMost })
const sample = {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    must: Type.Enum([...musts]),
    content: Type.String({ minLength: 1, maxLength: sampleCharsMax }),
    base64: Type.Boolean(),
}
const bodyMax = 5 * 1024 * 1024
const console = { side: "console" as const }

const artifact = {
    ...{ id, ...fields, version: Type.Integer(), versionAt: Type.String(), colluders },
    /** Whether the newest version is recalled. */
    recalled: Type.Boolean(),
}

const presented = ({ versionBy: _by, versionAt, ...rest }: actions.Artifact) => ({
    ...{ ...rest, versionAt: formatInstant(versionAt) },
})

export const routes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/cases/{id}/artifacts",
            permission: "case:read",
            summary: "Lists a case's artifacts, without content",
            params: byId,
            answer: Type.Object({ artifacts: Type.Array(Type.Object(artifact)) }),
        },
        async (ask) => ({
            artifacts: (await actions.artifactsOf(ask, ask.params.id)).map((artifact) => {
                const { case: _case, ...rest } = presented(artifact)
                return rest
            }),
        }),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/artifacts",
            permission: "case:read",
            summary: "Lists the artifacts of all cases, without content",
            answer: Type.Object({ artifacts: Type.Array(Type.Object({ case: id, ...artifact })) }),
        },
        async (ask) => ({ artifacts: (await actions.allArtifacts(ask)).map(presented) }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/cases/{id}/artifacts",
            permission: "artifact:write",
            summary: "Adds an artifact to a case",
            creates: true,
            params: byId,
            bodyMax,
            body: Type.Object({ ...fields, content, colluders: Type.Optional(colluders) }, closed),
            answer: byId,
        },
        async (ask) => ({ id: await actions.addArtifact(ask, { case: ask.params.id, ...ask.body }) }),
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/artifacts/{id}",
            permission: "artifact:write",
            summary: "Adds a version; approvals of the earlier version do not cover it",
            params: byId,
            bodyMax,
            body: Type.Object({ content, colluders: Type.Optional(colluders) }, closed),
            answer: Type.Object({ version: Type.Integer() }),
        },
        async (ask) => ({
            version: await actions.reviseArtifact(ask, ask.params.id, ask.body.content, ask.body.colluders),
        }),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/artifacts/{id}/samples",
            permission: "artifact:read",
            summary: "Lists the samples of an artifact that its rules must hit or miss",
            params: byId,
            answer: Type.Object({
                samples: Type.Array(Type.Object({ id, ...sample, addedBy: id, addedAt: Type.String() })),
            }),
        },
        async (ask) => {
            const samples = await samplesOf(ask, ask.params.id)
            const subject = await actions.caseOf(ask, ask.params.id)
            if (samples.length > 0 && subject !== null) await recordReads(ask, "samples", [subject])
            return {
                samples: samples.map((keptSample) => ({ ...keptSample, addedAt: formatInstant(keptSample.addedAt) })),
            }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/artifacts/{id}/samples",
            permission: "artifact:write",
            summary: "Adds a sample that the rules must hit or miss: log events as JSON for Sigma, any bytes for YARA",
            creates: true,
            params: byId,
            bodyMax,
            body: Type.Object(sample, closed),
            answer: byId,
        },
        async (ask) => ({ id: await addSample(ask, ask.params.id, ask.body) }),
    ),
    route(
        {
            ...console,
            method: "DELETE",
            path: "/api/artifacts/{id}/samples/{sample}",
            permission: "artifact:write",
            summary: "Removes a sample; the audit log keeps its addition",
            params: Type.Object({ id, sample: id }, closed),
            answer: Type.Object({}),
        },
        async (ask) => {
            await removeSample(ask, ask.params.id, ask.params.sample)
            return {}
        },
    ),
]
