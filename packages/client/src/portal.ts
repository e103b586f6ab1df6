/** Implements the calls of the portal, one request each. */
import { Type } from "typebox"
import { Check } from "typebox/value"
import { keyChangeSchema } from "./key-change.ts"
import type {
    AccessList,
    Acknowledgement,
    Copy,
    Head,
    Key,
    KeyList,
    Account,
    MispEvent,
    ProtectionStatus,
    Sighting,
    Portal,
    Recall,
    TaxiiStatus,
    Warning,
} from "./api.ts"
import { isCertificate } from "./openpgp-recipient.ts"
import { type Connection, NoAnswer, type PortalRequest, sendRequest, readBody, readObject } from "./requests.ts"
import { sealedFormatOf } from "./sealed-format.ts"

/** Builds the calls of a portal. */
export function makePortal(connection: Connection): Portal {
    const get = <T>(path: string, ...fields: (keyof T & string)[]) =>
        requestJson<T>(connection, { method: "GET", path }, fields)
    return {
        listWarnings: async () => (await get<{ warnings: Warning[] }>("/api/warnings", "warnings")).warnings,
        loadWarning: (id) => get<Warning>(`/api/warnings/${pathPart(id)}`, "id", "artifacts"),
        exportMisp: (id) => get<MispEvent>(`/api/warnings/${pathPart(id)}/misp`, "Event"),
        loadAccessList: (id) => get<AccessList>(accessListPath(id), "narrowed", "people"),
        setAccessList: async (id, people) => {
            await requestJson<object>(connection, { method: "PUT", path: accessListPath(id), body: { people } }, [])
        },
        fetchCopy: (artifact) => fetchCopy(connection, artifact),
        acknowledge: (warning) => {
            const path = `/api/warnings/${pathPart(warning)}/acknowledge`
            return requestJson<Acknowledgement>(connection, { method: "POST", path }, ["acknowledged", "receipts"])
        },
        listRecalls: async () => (await get<{ recalls: Recall[] }>("/api/recalls", "recalls")).recalls,
        confirmDeletion: async (recall) => {
            const path = `/api/recalls/${pathPart(recall)}/confirm-deletion`
            return (await requestJson<{ receipt: string }>(connection, { method: "POST", path }, ["receipt"])).receipt
        },
        ...reportingCalls(connection),
        fetchReceipt: async (id) =>
            (await get<{ receipt: string }>(`/api/receipts/${pathPart(id)}`, "receipt")).receipt,
        fetchReceiptProof: async (id) =>
            (await get<{ receipt: string }>(`/api/receipts/${pathPart(id)}?format=tlog_proof`, "receipt")).receipt,
        loadAccount: () => get<Account>("/api/me", "person", "partner"),
        listKeys: async () => {
            const list = await get<KeyList>("/api/keys", "keys", "changes")
            if (Check(Type.Array(keyChangeSchema), list.changes) && Array.isArray(list.keys)) return list
            throw new NoAnswer("the answer is not a list of keys: check the portal's address", 200)
        },
        addKey: (recipient) => {
            const idempotencyKey = crypto.randomUUID()
            const body = isCertificate(recipient) ? { certificate: recipient } : { recipient }
            const request: PortalRequest = { method: "POST", path: "/api/keys", body, idempotencyKey }
            return requestJson<Key>(connection, request, ["id", "recipient", "usableFrom"])
        },
        fetchConfirmationCopy: (key, by) =>
            fetchSealed(connection, `/api/keys/${pathPart(key)}/confirm?by=${pathPart(by)}`),
        confirmKey: (key, by, code) => {
            const path = `/api/keys/${pathPart(key)}/confirm`
            return requestJson<Key>(connection, { method: "POST", path, body: { by, code } }, ["id", "recipient"])
        },
        fetchTestCopy: (key) => fetchSealed(connection, `/api/keys/${pathPart(key)}/test`),
        submitTestCode: async (key, code) => {
            await requestJson<object>(
                connection,
                { method: "POST", path: `/api/keys/${pathPart(key)}/test`, body: { code } },
                [],
            )
        },
        loadCheckpoint: () =>
            get<Head>("/api/receipt-log/checkpoint", "size", "verifierKey", "checkpoint", "keyChanges"),
        listHandovers: async () => {
            const { handovers } = await get<{ readonly handovers: unknown }>("/api/receipt-log/handovers", "handovers")
            if (Array.isArray(handovers) && handovers.every((item) => typeof item === "string")) return handovers
            throw new NoAnswer("the answer is not a list of handovers: check the portal's address", 200)
        },
        loadConsistencyProof: async (from, to) => {
            const path = `/api/receipt-log/consistency?from=${from}&to=${to}`
            const { proof } = await get<{ readonly proof: unknown }>(path, "proof")
            if (Array.isArray(proof) && proof.every((item) => typeof item === "string")) return proof
            throw new NoAnswer("the answer is not a proof: check the portal's address", 200)
        },
    }
}

/** Builds the calls that report sightings, test results and protection. */
function reportingCalls(
    connection: Connection,
): Pick<
    Portal,
    | "reportResult"
    | "reportSighting"
    | "withdrawSighting"
    | "postSightings"
    | "listSightings"
    | "reportProtection"
    | "listProtectionStatuses"
> {
    return {
        reportResult: async (artifact, body) => {
            const path = `/api/artifacts/${pathPart(artifact)}/test-results`
            const request: PortalRequest = { method: "POST", path, body, idempotencyKey: crypto.randomUUID() }
            return (await requestJson<{ id: string }>(connection, request, ["id"])).id
        },
        reportSighting: async (warning, { id = crypto.randomUUID(), ...rest }) => {
            const body = { id, warning, ...rest }
            return (
                await requestJson<{ id: string }>(connection, { method: "POST", path: "/api/sightings", body }, ["id"])
            ).id
        },
        withdrawSighting: async (id) => {
            await requestJson(connection, { method: "POST", path: `/api/sightings/${pathPart(id)}/withdraw` }, [])
        },
        postSightings: (objects) => {
            const path = "/taxii2/api/collections/sightings/objects/"
            const request: PortalRequest = { method: "POST", path, body: { objects }, type: taxiiType }
            return requestJson<TaxiiStatus>(connection, request, ["total_count", "success_count", "failure_count"])
        },
        listSightings: async () => {
            const request: PortalRequest = { method: "GET", path: "/api/sightings" }
            return (await requestJson<{ sightings: Sighting[] }>(connection, request, ["sightings"])).sightings
        },
        reportProtection: async (warning, newProtection) => {
            const [path, body] = ["/api/protection-statuses", { warning, ...newProtection }]
            await requestJson(connection, { method: "POST", path, body, idempotencyKey: crypto.randomUUID() }, [])
        },
        listProtectionStatuses: async () => {
            const request: PortalRequest = { method: "GET", path: "/api/protection-statuses" }
            return (await requestJson<{ protections: ProtectionStatus[] }>(connection, request, ["protections"]))
                .protections
        },
    }
}

function requestJson<T>(
    connection: Connection,
    request: PortalRequest,
    fields: readonly (keyof T & string)[],
): Promise<T> {
    return sendRequest(connection, request, (response) =>
        readObject<T>(response, fields, connection.limits.answerBytesMax),
    )
}

const taxiiType = "application/taxii+json;version=2.1"

async function fetchCopy(connection: Connection, artifact: string): Promise<Copy> {
    const { copyTimeoutMs: timeoutMs, copyBytesMax } = connection.limits
    const path = `/api/artifacts/${pathPart(artifact)}/copy`
    return await sendRequest(connection, { method: "GET", path, timeoutMs }, async (response) => {
        const receipt = response.headers.get("tocsin-receipt")
        const version = Number(/^[1-9]\d{0,8}$/.exec(response.headers.get("tocsin-version") ?? "")?.[0] ?? 0)
        const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1]
        const sealed = await readSealed(response, copyBytesMax)
        if (receipt === null || version === 0 || name === undefined) {
            throw new NoAnswer("the answer is not a sealed copy with a receipt: check the portal's address", 200)
        }
        return { ...sealed, version, receipt, name }
    })
}

/** Fetches a test or confirmation copy. */
async function fetchSealed(connection: Connection, path: string): Promise<Uint8Array> {
    return await sendRequest(
        connection,
        { method: "GET", path },
        async (response) => (await readSealed(response, connection.limits.answerBytesMax)).bytes,
    )
}

async function readSealed(response: Response, bytesMax: number): Promise<Pick<Copy, "bytes" | "format">> {
    const bytes = await readBody(response, bytesMax)
    const format = sealedFormatOf(bytes)
    if (format === null) throw new NoAnswer("the answer is not a sealed copy: check the portal's address", 200)
    return { bytes, format }
}

const accessListPath = (warning: string): string => `/api/warnings/${pathPart(warning)}/access-list`

const pathPart = (id: string): string => encodeURIComponent(id)
