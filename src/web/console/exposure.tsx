/** Exposure. */
import { Page } from "../kit/table.tsx"
export function Exposure() {
    return <Page title="Exposure">{null}</Page>
}
