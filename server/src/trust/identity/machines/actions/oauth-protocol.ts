/** The form of OAuth 2.0 on the wire: bodies are forms, errors are those of RFC 6749. */
import type { Dialect } from "../../../../platform/http/machine-routes.ts"
import { TextAnswer } from "../../../../kernel/route.ts"

const errorOf = (status: number, code: string): string => {
    if (code.startsWith("oauth.")) return code.slice("oauth.".length)
    if (status === 429 || status === 503) return "temporarily_unavailable"
    return status >= 500 ? "server_error" : "invalid_request"
}

export const oauth: Dialect = {
    pathPrefix: "/oauth/",
    acceptsAnswer: () => true,
    readsType: (type) => /^application\/x-www-form-urlencoded *(;|$)/i.test(type),
    formatError: (_, { status, code, detail }) => {
        const body = { error: errorOf(status, code), error_description: detail.replaceAll(/["\\]/g, "'") }
        return new TextAnswer(JSON.stringify(body), "application/json", {}, status)
    },
}
