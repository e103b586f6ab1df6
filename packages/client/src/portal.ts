/** Implements the calls of the portal, one request each. */
import type {
    OwnCircle,
    Confirmed,
    Copy,
    Head,
    Key,
    Me,
    MispEvent,
    OwnProtection,
    OwnSighting,
    Portal,
    Recall,
    SightingStatus,
    Warning,
} from "./api.ts"
import { type Asking, NoAnswer, type Request, ask, bytesOf, objectOf } from "./requests.ts"

/** Builds the calls of a portal. */
export function portalOf(asking: Asking): Portal {
    const get = <Of>(path: string, ...fields: (keyof Of & string)[]) =>
        json<Of>(asking, { method: "GET", path }, fields)
    return {
        warnings: async () => (await get<{ warnings: Warning[] }>("/api/warnings", "warnings")).warnings,
        warning: (id) => get<Warning>(`/api/warnings/${part(id)}`, "id", "artifacts"),
        misp: (id) => get<MispEvent>(`/api/warnings/${part(id)}/misp`, "Event"),
        circle: (id) => get<OwnCircle>(circlePath(id), "narrowed", "people"),
        setCircle: async (id, people) => {
            await json<object>(asking, { method: "PUT", path: circlePath(id), body: { people } }, [])
        },
        copy: (artifact) => fetchCopy(asking, artifact),
        acknowledge: (warning) => {
            const path = `/api/warnings/${part(warning)}/acknowledge`
            return json<Confirmed>(asking, { method: "POST", path }, ["acknowledged", "receipts"])
        },
        recalls: async () => (await get<{ recalls: Recall[] }>("/api/recalls", "recalls")).recalls,
        confirmDeletion: async (recall) => {
            const path = `/api/recalls/${part(recall)}/confirm-deletion`
            return (await json<{ receipt: string }>(asking, { method: "POST", path }, ["receipt"])).receipt
        },
        ...reporting(asking),
        receipt: async (id) => (await get<{ receipt: string }>(`/api/receipts/${part(id)}`, "receipt")).receipt,
        me: () => get<Me>("/api/me", "person", "partner"),
        addKey: (recipient) => {
            const idempotencyKey = crypto.randomUUID()
            const request: Request = { method: "POST", path: "/api/keys", body: { recipient }, idempotencyKey }
            return json<Key>(asking, request, ["id", "recipient", "usableFrom"])
        },
        testCopy: async (key) => {
            const path = `/api/keys/${part(key)}/test`
            return await ask(asking, { method: "GET", path }, (response) =>
                sealedIn(response, asking.limits.answerBytesMax),
            )
        },
        proveKey: async (key, code) => {
            await json<object>(asking, { method: "POST", path: `/api/keys/${part(key)}/test`, body: { code } }, [])
        },
        checkpoint: () => get<Head>("/api/receipt-log/checkpoint", "size", "verifierKey", "checkpoint"),
        consistency: async (from, to) => {
            const path = `/api/receipt-log/consistency?from=${from}&to=${to}`
            const { proof } = await get<{ readonly proof: unknown }>(path, "proof")
            if (Array.isArray(proof) && proof.every((item) => typeof item === "string")) return proof
            throw new NoAnswer("the answer is not a proof: check the portal's address", 200)
        },
    }
}

/** Builds the calls that report sightings, test results and protection. */
function reporting(
    asking: Asking,
): Pick<
    Portal,
    "reportResult" | "reportSighting" | "withdrawSighting" | "postSightings" | "sightings" | "protect" | "protections"
> {
    return {
        reportResult: async (artifact, body) => {
            const path = `/api/artifacts/${part(artifact)}/test-results`
            const request: Request = { method: "POST", path, body, idempotencyKey: crypto.randomUUID() }
            return (await json<{ id: string }>(asking, request, ["id"])).id
        },
        reportSighting: async (warning, { id = crypto.randomUUID(), ...rest }) => {
            const body = { id, warning, ...rest }
            return (await json<{ id: string }>(asking, { method: "POST", path: "/api/sightings", body }, ["id"])).id
        },
        withdrawSighting: async (id) => {
            await json(asking, { method: "POST", path: `/api/sightings/${part(id)}/withdraw` }, [])
        },
        postSightings: (objects) => {
            const path = "/taxii2/api/collections/sightings/objects/"
            const request: Request = { method: "POST", path, body: { objects }, type: taxiiType }
            return json<SightingStatus>(asking, request, ["total_count", "success_count", "failure_count"])
        },
        sightings: async () => {
            const request: Request = { method: "GET", path: "/api/sightings" }
            return (await json<{ sightings: OwnSighting[] }>(asking, request, ["sightings"])).sightings
        },
        protect: async (warning, newProtection) => {
            const [path, body] = ["/api/protection-statuses", { warning, ...newProtection }]
            await json(asking, { method: "POST", path, body, idempotencyKey: crypto.randomUUID() }, [])
        },
        protections: async () => {
            const request: Request = { method: "GET", path: "/api/protection-statuses" }
            return (await json<{ protections: OwnProtection[] }>(asking, request, ["protections"])).protections
        },
    }
}

function json<Of>(asking: Asking, request: Request, fields: readonly (keyof Of & string)[]): Promise<Of> {
    return ask(asking, request, (response) => objectOf<Of>(response, fields, asking.limits.answerBytesMax))
}

const taxiiType = "application/taxii+json;version=2.1"
const ageStart = "age-encryption.org/v1\n"

async function fetchCopy(asking: Asking, artifact: string): Promise<Copy> {
    const { copyTimeoutMs: timeoutMs, copyBytesMax } = asking.limits
    const path = `/api/artifacts/${part(artifact)}/copy`
    return await ask(asking, { method: "GET", path, timeoutMs }, async (response) => {
        const receipt = response.headers.get("tocsin-receipt")
        const version = Number(/^[1-9]\d{0,8}$/.exec(response.headers.get("tocsin-version") ?? "")?.[0] ?? 0)
        const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1]
        const bytes = await sealedIn(response, copyBytesMax)
        if (receipt === null || version === 0 || name === undefined) {
            throw new NoAnswer("the answer is not a sealed copy with a receipt: check the portal's address", 200)
        }
        return { bytes, version, receipt, name }
    })
}

async function sealedIn(response: Response, bytesMax: number): Promise<Uint8Array> {
    const bytes = await bytesOf(response, bytesMax)
    const isAge = new TextDecoder("latin1").decode(bytes.subarray(0, ageStart.length)) === ageStart
    if (!isAge) throw new NoAnswer("the answer is not a sealed copy: check the portal's address", 200)
    return bytes
}

const circlePath = (warning: string): string => `/api/warnings/${part(warning)}/access-list`

const part = (id: string): string => encodeURIComponent(id)
