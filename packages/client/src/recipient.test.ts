import { createHash } from "node:crypto"
import { expect, test } from "vitest"
import { recipientText } from "./recipient.ts"

test("a short recipient is shown whole, a long one by its hash", () => {
    const short = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
    expect(recipientText(short)).toBe(short)
    const long = `age1pq1${"q".repeat(1952)}`
    expect(recipientText(long)).toBe(`age1pq1qqqqq… SHA-256 ${createHash("sha256").update(long).digest("hex")}`)
})
