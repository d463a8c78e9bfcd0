//! See the module `conflicts` of the library.

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    example_forms::serve(example_forms::conflicts::app().await?).await;
    Ok(())
}
