# Some files of a target compiled as one, so that what they all include is read once. Only where
# headers are precompiled: elsewhere each file stands alone, and one that lives by an include or a
# name of its neighbour does not compile.
set(kUnityFiles 16)
# Where private names of more than eight files meet.
set(kUnityFilesFew 8)
set(kUnityFew credence_guard_code credence_guard_media credence_stats trust_test)

# credence_unity(TARGET)
function(credence_unity target)
  if(CREDENCE_PRECOMPILED)
    set(files ${kUnityFiles})
    if(target IN_LIST kUnityFew)
      set(files ${kUnityFilesFew})
    endif()
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${files})
    # A type of an unnamed namespace in a class of the same file: GCC takes that file for a header.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
endfunction()
