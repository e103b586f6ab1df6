/** Health without the size of the audit log, which shows that a confidential event happened. */
export function healthIn({ statusCode, body }: { readonly statusCode: number; readonly body: string }): object {
    const { auditLog: _, pendingEvents: __, ...health } = JSON.parse(body) as Record<string, unknown>
    return { statusCode, health }
}
