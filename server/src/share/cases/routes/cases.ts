/** HTTP routes of the operator for cases. */
import { readAdvisory } from "@tocsin/formats/advisory/import"
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../kernel/action-context.ts"
import { listCaseFiles, loadCaseFile } from "../actions/load-case.ts"
import { openCase } from "../actions/open-case.ts"
import { recordReads } from "../actions/record-reads.ts"
import { presentCase } from "./present.ts"
import { detailsSchema } from "../disclosed-facts.ts"
import { byId } from "../../../kernel/schemas.ts"
import { caseAnswer, casesAnswer, draftAnswer, draftCaseBody } from "../schemas.ts"

/** The document is a JSON string, in which quotes and line breaks take two bytes. */
const documentBytesMax = 5 * 1024 * 1024

const console = { side: "console" as const }

export const routes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/cases",
            permission: "case:read",
            summary: "Lists all cases",
            answer: casesAnswer,
        },
        async (ask) => {
            const files = await listCaseFiles(ask, null)
            await recordReads(
                ask,
                "facts",
                files.map(({ id }) => id),
            )
            return { now: formatInstant(ask.now), cases: files.map((file) => presentCase(file, ask.now)) }
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
            body: detailsSchema,
            answer: byId,
        },
        async (ask) => ({ id: await openCase(ask, ask.body) }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/cases/draft",
            permission: "case:write",
            summary: "Reads a CVE record or a CSAF document as a draft of a new case; stores and fetches nothing",
            body: draftCaseBody,
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
            summary: "Returns one case, with the history of its embargo",
            params: byId,
            answer: caseAnswer,
        },
        async (ask) => {
            const file = await loadCaseFile(ask, ask.params.id)
            await recordReads(ask, "facts", [file.id])
            return presentCase(file, ask.now)
        },
    ),
]
