/** Artifacts, for their authors and for whoever approves them; their text is read by share/marking. */
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
    class: Type.Union(artifactClasses.map((artifactClass) => Type.Literal(artifactClass))),
    tlp: Type.Union(tlpLabels.map((tlpLabel) => Type.Literal(tlpLabel))),
    pap: Type.Union(papLabels.map((papLabel) => Type.Literal(papLabel))),
    name: Type.String({ minLength: 1, maxLength: 100 }),
}
/** Who may put their copies together and still be told: 1 to 8, 2 where nothing is said. */
const colluders = Type.Integer({ minimum: 1, maximum: colludersMost })
const sample = {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    must: Type.Union(musts.map((must) => Type.Literal(must))),
    content: Type.String({ minLength: 1, maxLength: sampleCharsMax }),
    base64: Type.Boolean(),
}
const bodyMax = 5 * 1024 * 1024
const console = { side: "console" as const }

const artifact = {
    ...{ id, ...fields, version: Type.Integer(), versionAt: Type.String(), colluders },
    /** Whether this version does not come out now. */
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
            summary: "A case's artifacts, without their content",
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
            summary: "The artifacts of all cases, without their content",
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
            summary: "A new version; approvals of the old one do not cover it",
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
            summary: "What an artifact's rules are run against: what they must hit, and what they must miss",
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
            summary: "Takes a sample away again; that it was there stays on record",
            params: Type.Object({ id, sample: id }, closed),
            answer: Type.Object({}),
        },
        async (ask) => {
            await removeSample(ask, ask.params.id, ask.params.sample)
            return {}
        },
    ),
]
