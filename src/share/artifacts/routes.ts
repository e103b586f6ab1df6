/** Artifacts, for their authors and for whoever approves them. */
import { Type } from "typebox"
import { formatInstant } from "../../lib/instant.ts"
import { route } from "../../trust/audit/actions.ts"
import * as actions from "./actions.ts"
import { artifactClasses, contentCharsMax, papLabels, tlpLabels } from "./artifact.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })
const content = Type.String({ minLength: 1, maxLength: contentCharsMax })
const byId = Type.Object({ id }, closed)
const fields = {
    class: Type.Union(artifactClasses.map((one) => Type.Literal(one))),
    tlp: Type.Union(tlpLabels.map((one) => Type.Literal(one))),
    pap: Type.Union(papLabels.map((one) => Type.Literal(one))),
    name: Type.String({ minLength: 1, maxLength: 100 }),
}
const bodyMax = 5 * 1024 * 1024
const console = { side: "console" as const }

export const routes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/cases/{id}/artifacts",
            needs: "case:read",
            does: "A case's artifacts, without their content",
            params: byId,
            answer: Type.Object({
                artifacts: Type.Array(
                    Type.Object({ id, ...fields, version: Type.Integer(), versionAt: Type.String() }),
                ),
            }),
        },
        async (ask) => ({
            artifacts: (await actions.artifactsOf(ask, ask.params.id)).map((one) => ({
                ...one,
                versionAt: formatInstant(one.versionAt),
            })),
        }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/cases/{id}/artifacts",
            needs: "artifact:write",
            does: "Adds an artifact to a case",
            creates: true,
            params: byId,
            bodyMax,
            body: Type.Object({ ...fields, content }, closed),
            answer: byId,
        },
        async (ask) => ({ id: await actions.addArtifact(ask, { case: ask.params.id, ...ask.body }) }),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/artifacts/{id}",
            needs: "artifact:read",
            does: "The master text of the newest version; reading it is on record",
            params: byId,
            answer: Type.Object({ id, name: Type.String(), version: Type.Integer(), content: Type.String() }),
        },
        async (ask) => {
            const master = await actions.readMaster(ask, ask.params.id, null, "asked for")
            return { id: master.artifact, name: master.name, version: master.version, content: master.content }
        },
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/artifacts/{id}",
            needs: "artifact:write",
            does: "A new version; approvals of the old one do not cover it",
            params: byId,
            bodyMax,
            body: Type.Object({ content }, closed),
            answer: Type.Object({ version: Type.Integer() }),
        },
        async (ask) => ({ version: await actions.reviseArtifact(ask, ask.params.id, ask.body.content) }),
    ),
]
