/** Cases, for the operator: what is known of them, and the turns of their embargo. */
import { Type } from "typebox"
import { documentCharsMax, readAdvisory } from "@tocsin/formats/advisory/import"
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import * as actions from "./actions.ts"
import { recordReads } from "./actions/record-reads.ts"
import { byId, caseAnswer, closed, draftAnswer, presented } from "./routes/present.ts"
import { detailsShape } from "./disclosed-facts.ts"

/** As JSON in JSON: each quote and each line takes two. */
const documentBytesMax = 5 * 1024 * 1024

const console = { side: "console" as const }

export const routes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/cases",
            permission: "case:read",
            summary: "All cases",
            answer: Type.Object({ now: Type.String(), cases: Type.Array(caseAnswer) }),
        },
        async (ask) => {
            const files = await actions.caseFiles(ask, null)
            await recordReads(
                ask,
                "facts",
                files.map(({ id }) => id),
            )
            return { now: formatInstant(ask.now), cases: files.map((file) => presented(file, ask.now)) }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/cases",
            permission: "case:write",
            summary: "Opens a case",
            creates: true,
            body: detailsShape,
            answer: byId,
        },
        async (ask) => ({ id: await actions.openCase(ask, ask.body) }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/cases/draft",
            permission: "case:write",
            summary:
                "Reads a CVE record or a CSAF document for the facts of a new case; nothing is kept of it, and nothing fetched",
            body: Type.Object({ document: Type.String({ minLength: 1, maxLength: documentCharsMax }) }, closed),
            bodyMax: documentBytesMax,
            answer: draftAnswer,
        },
        async ({ body }) => await Promise.resolve(readAdvisory(body.document)),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/cases/{id}",
            permission: "case:read",
            summary: "One case, with every turn of its embargo",
            params: byId,
            answer: caseAnswer,
        },
        async (ask) => {
            const file = await actions.caseFile(ask, ask.params.id)
            await recordReads(ask, "facts", [file.id])
            return presented(file, ask.now)
        },
    ),
]
