/** HTTP routes of the operator for artifacts and samples. The marking slice serves their text. */
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../kernel/action-context.ts"
import { recordReads } from "../../cases/actions/record-reads.ts"
import { type Artifact, listArtifacts, listAllArtifacts, findCaseOfArtifact } from "../actions/load-artifacts.ts"
import { addArtifact, reviseArtifact } from "../actions/add-artifact.ts"
import { addSample, removeSample, listSamples } from "../actions/manage-samples.ts"

import { byId } from "../../../kernel/schemas.ts"
import { emptyAnswer } from "../../../kernel/schemas.ts"
import {
    artifactsAnswer,
    deleteSampleParams,
    newArtifactBody,
    newSampleBody,
    samplesAnswer,
    reviseArtifactAnswer,
    reviseArtifactBody,
    allArtifactsAnswer,
} from "../schemas.ts"

const bodyMax = 5 * 1024 * 1024
const console = { side: "console" as const }

const presentArtifact = ({ versionBy: _by, versionAt, ...rest }: Artifact) => ({
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
            answer: artifactsAnswer,
        },
        async (ask) => ({
            artifacts: (await listArtifacts(ask, ask.params.id)).map((artifact) => {
                const { case: _case, ...rest } = presentArtifact(artifact)
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
            answer: allArtifactsAnswer,
        },
        async (ask) => ({ artifacts: (await listAllArtifacts(ask)).map(presentArtifact) }),
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
            body: newArtifactBody,
            answer: byId,
        },
        async (ask) => ({ id: await addArtifact(ask, { case: ask.params.id, ...ask.body }) }),
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
            body: reviseArtifactBody,
            answer: reviseArtifactAnswer,
        },
        async (ask) => ({
            version: await reviseArtifact(ask, ask.params.id, ask.body.content, ask.body.colluders),
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
            answer: samplesAnswer,
        },
        async (ask) => {
            const samples = await listSamples(ask, ask.params.id)
            const caseId = await findCaseOfArtifact(ask, ask.params.id)
            if (samples.length > 0 && caseId !== null) await recordReads(ask, "samples", [caseId])
            return {
                samples: samples.map((sample) => ({ ...sample, addedAt: formatInstant(sample.addedAt) })),
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
            body: newSampleBody,
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
            params: deleteSampleParams,
            answer: emptyAnswer,
        },
        async (ask) => {
            await removeSample(ask, ask.params.id, ask.params.sample)
            return {}
        },
    ),
]
