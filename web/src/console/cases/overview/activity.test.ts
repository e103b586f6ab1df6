import { expect, test } from "vitest"
import { activityOf } from "./activity.ts"

test("what happened is listed newest first", () => {
    const items = activityOf({
        subject: {
            createdAt: "2025-06-01T00:00:00Z",
            embargo: [{ kind: "agreed", at: "2025-06-02T00:00:00Z" }],
            closure: null,
        },
        waves: [{ id: "w", tier: "validate", releasedAt: "2025-06-05T00:00:00Z", recipients: 3 }],
        artifacts: [{ id: "a", name: "guidance.md", version: 2, versionAt: "2025-06-04T00:00:00Z" }],
        requests: [
            {
                id: "r",
                tier: "validate",
                requestedBy: "Ingrid",
                requestedAt: "2025-06-03T00:00:00Z",
                signedBy: "Kofi",
                signedAt: "2025-06-03T01:00:00Z",
            },
        ],
        exploited: { at: "2025-06-06T00:00:00Z", partner: "Copperline" },
    })
    expect(items.map(({ text }) => text)).toEqual([
        "Exploitation seen by Copperline",
        "Validate wave released to 3 partners",
        "guidance.md, version 2, added",
        "Kofi signed the Validate wave",
        "Ingrid requested the Validate wave",
        "Embargo agreed",
        "Case opened",
    ])
})
