/** The address of Settings without a tab: leads to the first tab that the viewer may see. */
import { Navigate } from "@tanstack/react-router"
import { useCan } from "../artifacts/viewer.tsx"

export function FirstTab() {
    return <Navigate to={useCan()("staff:read") ? "/settings/people" : "/settings/health"} replace />
}
