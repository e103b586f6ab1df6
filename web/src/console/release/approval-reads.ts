/** Reads of approvals that several screens share. */
import { useRead } from "../api.ts"

export function useApprovals() {
    return useRead("/api/approvals")
}
