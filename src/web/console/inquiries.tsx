/** Inquiries: sealed questions with rival hypotheses. */
import { Page } from "../kit/table.tsx"
export function OpenInquiry(_: { evidence: string; subjects: readonly string[]; caseId: string | null }) {
    return null
}
export function Inquiries() {
    return <Page title="Inquiries">{null}</Page>
}
