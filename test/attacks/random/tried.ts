/** One staff request, with placeholders for ids that are known only when it is sent, and its application. */
import fc from "fast-check"
import type { Method } from "../../../server/src/kernel/route.ts"

export interface Tried {
    readonly method: Method
    readonly path: string
    readonly body: object
}

export const put = (path: fc.Arbitrary<string>, body: fc.Arbitrary<object>) =>
    fc.record({ method: fc.constant<Method>("PUT"), path, body })
export const post = (path: fc.Arbitrary<string>, body: fc.Arbitrary<object>) =>
    fc.record({ method: fc.constant<Method>("POST"), path, body })

/** Few partners, so that actions meet. */
export const partnerKeys = ["halcyon", "copperline", "pinegrove"] as const
/**
 * One was refused earlier, and its copy has leaked; another is suspended, and is signed for only by random requests.
 */
export const identifiedKeys = ["copperline", "tidewater"] as const
export const ofCase = "/api/cases/<toolshell>"

/** Requests without a place for a signature: they need one person, or apply an earlier signature. */
const takesNone = new RegExp(
    String.raw`\/(release|freeze|embargo-entries|recalls|hold|exclude|expand|close|reopen|(apply` +
        String.raw`|confirm)-[a-z-]+|questions|correct-awareness)$|\/waves\/[^/]+$|\/api\/(measures|evidence` +
        "|inquiries|regulatory-clocks|procedures)$",
)

export interface Signed {
    readonly approval: string
    /** Requested at one address, and applied at another. */
    readonly finding: string | undefined
}

/** Builds the request that applies it after signing. */
export function carriedOut({ method, path, body }: Tried, { approval, finding }: Signed): Tried {
    const done = (to: string, input: object): Tried => ({ method: "POST", path: to, body: input })
    if (method === "PUT" && path.startsWith(ofCase)) return done(`${ofCase}/amend`, { approval })
    if (path.endsWith("/propose-finding")) return done(path.replace(/propose-finding$/, "confirm-finding"), { finding })
    if (/\/measures\/[^/]+\/extend$/.test(path)) return done(path.replace(/extend$/, "apply-extension"), { approval })
    if (path.endsWith("/decide")) return done(path.replace(/decide$/, "apply-decision"), { approval })
    if (path.endsWith("/decide-appeal"))
        return done(path.replace(/decide-appeal$/, "apply-appeal-decision"), { approval })
    if (path.endsWith("/emergency-release")) return done(path, { approval })
    if (path.endsWith("/relax")) {
        return done("/api/measures", { ...body, kind: "restrict", reason: "It was looked into.", approval })
    }
    const to = path.replace(/\/request-approval$/, "/activate")
    return { method, path: to, body: takesNone.test(path) ? body : { ...body, approval } }
}
