/** The security headers of every answer. */
import type { IncomingMessage, ServerResponse } from "node:http"
import helmet from "helmet"

const helmetOptions = {
    contentSecurityPolicy: {
        useDefaults: false,
        directives: {
            "default-src": ["'none'"],
            "script-src": ["'self'"],
            "style-src": ["'self'"],
            "img-src": ["'self'"],
            "font-src": ["'self'"],
            "connect-src": ["'self'"],
            "base-uri": ["'none'"],
            "form-action": ["'none'"],
            "frame-ancestors": ["'none'"],
            "require-trusted-types-for": ["'script'"],
            "trusted-types": ["'none'"],
        },
    },
    referrerPolicy: { policy: "no-referrer" as const },
    crossOriginResourcePolicy: { policy: "same-origin" as const },
    crossOriginOpenerPolicy: { policy: "same-origin" as const },
    crossOriginEmbedderPolicy: true,
}

/** Computes the headers once, because they are equal in each answer. */
function collectHeaders(set: ReturnType<typeof helmet>): Readonly<Record<string, string>> {
    const headers: Record<string, string> = {}
    const response = {
        setHeader: (name: string, value: string) => void (headers[name.toLowerCase()] = value),
        removeHeader: (name: string) => void delete headers[name.toLowerCase()],
    }
    const outcomes: unknown[] = []
    set({} as IncomingMessage, response as unknown as ServerResponse, (error?: unknown) => void outcomes.push(error))
    if (!(outcomes.length === 1 && outcomes[0] === undefined)) throw new Error("cannot set the headers of answers")
    return headers
}

export const securityHeaders = collectHeaders(helmet(helmetOptions))
