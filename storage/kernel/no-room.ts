// How a write that finds no room reads in the kernel's words and in Node's.

const NO_ROOM =
  /^(?:(?:IO|Out of Memory|FATAL) Error|ENOSPC|EDQUOT|EFBIG)\b.*(?:No space left on device|quota exceeded|File too large|max_temp_directory_size)/is;

/** True for what the kernel, and Node beside it, say of a write that finds no room: full disk, quota, file size limit, limit on spilling. */
export function saysNoRoom(message: string): boolean {
  return NO_ROOM.test(message);
}
